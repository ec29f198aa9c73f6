"""The bar at the top of an Explore page: one row, in the band of Streamlit's header; the rest is for the picture."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_STYLE = """<style>
[data-testid="stHeader"] {background: none; height: 3rem; min-height: 0;}
[data-testid="stHeader"], [data-testid="stHeader"] div {pointer-events: none;}
[data-testid="stHeader"] :is(button, a) {pointer-events: auto;}
[data-testid="stStatusWidget"] {visibility: hidden;}
.stMainBlockContainer {padding: 0 1.25rem 1rem;}
.stMainBlockContainer > .stVerticalBlock {gap: 0.6rem;}
.st-key-slim_bar {min-height: 3rem; padding: 0.4rem 2.4rem 0.4rem 0; gap: 0.4rem; container-type: inline-size;}
[data-testid="stHeader"] :is([data-testid="stHeaderLogo"], [data-testid="stLogoLink"]) {display: none;}
.stApp:has([data-testid="stExpandSidebarButton"]) .st-key-slim_bar h1 {padding-left: 3.3rem;}
.st-key-slim_bar > * {flex: 0 0 auto; width: auto; min-width: 0;}
.st-key-slim_bar h1 {font-size: 1.15rem; line-height: 2.2rem; padding: 0; letter-spacing: -0.01em; white-space: nowrap;}
.st-key-slim_bar > :has(> .st-key-slim_run) {flex: 1 1 6rem; max-width: 15rem;}
.st-key-slim_bar > :has(> .st-key-slim_genes) {flex: 4 1 9rem; max-width: 34rem;}
.st-key-slim_bar :is(.stMultiSelect, .stSelectbox) [role="group"]:not([aria-label]) {height: 2.2rem;
  min-height: 2.2rem;}
.st-key-slim_run input {text-overflow: ellipsis;}
.st-key-slim_bar [data-tag] {max-width: 9rem;}
.st-key-slim_bar .stPopover button {min-height: 2.2rem; padding: 0 0.6rem; white-space: nowrap;}
.st-key-slim_genes {position: relative; gap: 0;}
.st-key-slim_genes > :has(> [class*="st-key-no_gene"]) {position: absolute; top: 2.5rem; left: 0; z-index: 50;
  width: max(100%, min(20rem, 90vw));}
.st-key-slim_genes > :has(> .st-key-no_gene_typed) {top: 8.6rem;}  /* below the box's own list, which is empty */
[class*="st-key-no_gene"] {padding: 0.6rem 0.9rem; border-radius: 0.6rem; border: 1px solid rgb(128 128 128 / 0.4);
  background: Canvas; box-shadow: 0 4px 18px rgb(0 0 0 / 0.28);}
body:has([data-testid="stDialog"]) [data-testid="stPopoverBody"] {visibility: hidden;}
@container (max-width: 50rem) {  /* one row: signs in place of words */
  :is(.st-key-download, .st-key-share) p {position: absolute; width: 1px; overflow: hidden; clip-path: inset(50%);}
  .st-key-slim_phantom .stMarkdownBadge {font-size: 0 !important;}
  .st-key-slim_phantom .stMarkdownBadge [role="img"] {font-size: 1.15rem;}
  .st-key-slim_bar .stPopover button > div > [aria-hidden="true"] {display: none;}
  .st-key-slim_bar .stPopover button {padding: 0 0.5rem;}
  .st-key-slim_bar > :has(> .st-key-slim_run) {flex-basis: 5rem;}
  .st-key-slim_bar > :has(> .st-key-slim_genes) {flex-basis: 7rem;}
  .st-key-slim_bar [data-tag] {max-width: 6rem;}
  .st-key-slim_genes [aria-label="Clear all"] {display: none;}
}
@container (max-width: 30rem) {  /* two rows: the run, then what is looked at */
  .st-key-slim_bar > :has(> .st-key-slim_run) {order: 1; flex-basis: 7rem; max-width: none;}
  .st-key-slim_bar:has(.st-key-slim_genes) > :has(> .st-key-slim_run) {flex-basis: 9rem; margin-right: 2.2rem;}
  .st-key-slim_bar > :has(> .st-key-slim_genes) {order: 2;}
  .st-key-slim_bar > :is(.st-key-trust, .st-key-download, .st-key-share) {order: 3;}
}
@media (max-width: 640px) {
  .stMainBlockContainer {padding: 0 0.6rem 0.6rem;}
  .st-key-slim_bar {padding-right: 2.2rem;}
  .st-key-slim_bar:has(.st-key-slim_genes) {padding-right: 0;}
}
</style>"""


def slim_bar(title: str) -> DeltaGenerator:
    """The bar with the page's title in it; what is written in it stands beside the title."""
    st.html(_STYLE)
    bar = st.container(key="slim_bar", horizontal=True, vertical_alignment="center")
    bar.title(title, anchor=False, width="content")
    return bar
