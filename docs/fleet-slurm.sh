#!/bin/bash
#SBATCH --job-name=portolan
#SBATCH --array=0-3
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=01:00:00
# Carries out one share of tasks.json, which lies with the models on a file system that all nodes see:
#   cd MODELS && portolan plan . --kind compile -t all -o tasks.json && sbatch --wait fleet-slurm.sh ; portolan merge parts/*.json -o results.json
# The number of shares is that of the array; Slurm tells both. A broken model makes its share end with 3, so do not chain with afterok.
set -u
exec portolan worker --tasks tasks.json --root . -o parts --jobs "${SLURM_CPUS_PER_TASK:-1}"
