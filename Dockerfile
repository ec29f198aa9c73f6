# isoST Studio in a container:
#   docker build -t isost-studio .
#   docker run -p 8501:8501 -v isost-workspace:/workspace isost-studio
# With CUDA (the default Linux build of torch; run with --gpus all):
#   docker build --build-arg TORCH_INDEX= -t isost-studio:cuda .
FROM python:3.11-slim

# Where torch comes from: its CPU builds; empty for the default package index.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# What off-screen 3D needs: without these the lit scene is off and the quick view stays.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libegl1 libgl1 libgl1-mesa-dri libxrender1 libgomp1 \
    && rm -rf /var/lib/apt/lists/*

RUN useradd --create-home --uid 1000 isost \
    && install -d -o isost -g isost /workspace

WORKDIR /app
COPY requirements.txt ./
RUN pip install ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$(grep '^torch==' requirements.txt)"
RUN pip install -r requirements.txt
COPY . .

# Runs, uploads and fetched example data live here: mount a volume to keep them.
ENV ISOST_WORKSPACE=/workspace XDG_CACHE_HOME=/workspace/.cache
VOLUME /workspace
USER isost
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501", "--server.headless=true", \
     "--browser.serverAddress=localhost"]
