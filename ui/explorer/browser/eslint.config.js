import js from "@eslint/js";
import stylistic from "@stylistic/eslint-plugin";
import globals from "globals";

const STATE = "MemberExpression[object.type='MemberExpression'][object.property.name=/^(view|packs|gpu|pointer)$/]";
const SAY = "The state is changed by the methods of its own module: view.js, packs.js, gpu.js, pointer.js.";

export default [
  { ignores: ["bundle/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: globals.browser },
    plugins: { "@stylistic": stylistic },
    rules: {
      "@stylistic/indent": ["error", 2, { ignoredNodes: ["ConditionalExpression"], SwitchCase: 1 }],
      "@stylistic/max-len": ["error", { code: 120 }],
      "@stylistic/max-statements-per-line": ["error", { max: 2 }],  // of `() => { this.x = x; }` two are counted
      "@stylistic/no-trailing-spaces": "error",
      "@stylistic/quotes": ["error", "double", { avoidEscape: true }],
      "@stylistic/semi": "error",
      complexity: ["error", 12],
      eqeqeq: "error",
      "max-lines-per-function": ["error", 60],
      "max-params": ["error", 7],
      "no-restricted-syntax": ["error",
        { selector: `AssignmentExpression > ${STATE}.left`, message: SAY },
        { selector: `UpdateExpression > ${STATE}`, message: SAY }],
      "no-shadow": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: ["tests/**"], languageOptions: { globals: globals.node } },
];
