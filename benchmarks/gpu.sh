#!/usr/bin/env bash
# Builds llama.cpp for the card of this machine and measures the program on it, without a network.
#
#   benchmarks/gpu.sh FILES [STEP...]        steps: unpack build doctor policies matrix choosing
#                                             bench texts kill effect
#
# FILES is a folder that was filled elsewhere (docs/gpu.md says how):
#   llama_cpp_python-*.tar.gz   the source package        wheels/*.whl       what Python lacks here
#   model.gguf, or its parts    model.gguf.part*          requests.jsonl.gz  by `gpu.py requests`
#   effect/                     the rows of benchmarks/effect, if that is wanted
# What is built lies in $GPU_WORK (default /tmp/realign-gpu) and is used again by the next call;
# tables and logs go to $OUT. Python is the `python3` that has torch.
set -u -o pipefail
cd "$(dirname "$0")/.."
files=$(realpath "${1:?usage: benchmarks/gpu.sh FILES [STEP...]}"); shift
work=${GPU_WORK:-/tmp/realign-gpu}
export OUT=${OUT:-$work/out}
site=$work/site built=${GPU_SITE:-$work/built}
model=$work/model.gguf
mkdir -p "$site" "$built" "$OUT"
export PYTHONPATH=$built:$site:$PWD REALIGN_CACHE=$work/cache PYTHONUNBUFFERED=1
export PATH=$PATH:/usr/local/cuda/bin

unpack() {
    python3 -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --upgrade \
        --target "$site" "$files"/wheels/*.whl
    [ -e "$model" ] || cat "$files"/model.gguf* "$files"/*/model.gguf.part* >"$model" 2>/dev/null
    ls -l "$model"
}

# The same choice as `make` takes, and llama-server beside it from the same build.
build() {
    [ -e "$built/llama_cpp/lib/libllama.so" ] && return
    local arguments started=$SECONDS
    arguments=$(python3 scripts/bootstrap.py --print-cmake-args)
    echo "cmake: $arguments"
    CMAKE_GENERATOR=Ninja CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) \
        CMAKE_ARGS="$arguments -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON -DLLAVA_BUILD=OFF" \
        python3 -m pip install --no-index --no-deps --no-build-isolation --no-cache-dir \
        -C build-dir="$work/cmake" --target "$built" "$files"/llama_cpp_python-*.tar.gz \
        >"$OUT/build.log" 2>&1 || { tail -30 "$OUT/build.log"; return 1; }
    echo "built in $((SECONDS - started)) s with $(nproc) jobs"
}

# A library that crashes says where: the first thing to know about a build that was never tried.
doctor() {
    REALIGN_MODEL=$model python3 -m realign_local doctor
    cat >"$work/load.py" <<'PY'
import sys
from llama_cpp import llama_cpp as lib
lib.llama_backend_init()
params = lib.llama_model_default_params()
params.n_gpu_layers = 999
assert lib.llama_model_load_from_file(sys.argv[1].encode(), params)
PY
    python3 "$work/load.py" "$model" || cuda-gdb -batch -ex run -ex bt \
        --args python3 "$work/load.py" "$model" 2>&1 | tail -40
}

measure() { # COMMAND [OPTIONS]: a command of gpu.py on the requests, for at most ten minutes
    local server
    server=$(find "$work" -name llama-server -type f -perm -u+x | head -1)
    timeout 600 python3 benchmarks/gpu.py "$1" "$files/requests.jsonl.gz" -m "$model" \
        -o "$OUT/$1.jsonl" ${server:+--server "$server"} "${@:2}"
}

effect() { # benchmarks/effect/README.md says how the rows are made
    local rows=$files/effect
    timeout 420 python3 -m benchmarks.effect --model "$model" --original "$rows/train.jsonl" \
        --rewritten tidy="$rows/tidy.jsonl" --rewritten plain="$rows/plain.jsonl" \
        --questions "$rows/unseen.jsonl" --questions "$rows/seen.jsonl" \
        --minutes 4 -o "$OUT/effect.json"
}

nvidia-smi --query-gpu=name,driver_version,memory.total,memory.used --format=csv,noheader
for step in "${@:-unpack build doctor policies matrix choosing bench texts kill effect}"; do
    for one in $step; do
        echo "== $one ($SECONDS s)"
        case $one in
            policies | matrix | choosing | bench | texts | kill) measure "$one" ;;
            *) "$one" ;;
        esac || echo "== $one FAILED"
    done
done
