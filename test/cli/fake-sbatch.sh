#!/bin/bash
# Runs the tasks of an array one after the other, as Slurm numbers them: sbatch [--wait] SCRIPT.
[ "$1" = --wait ] && shift
range=$(sed -n 's/^#SBATCH --array=//p' "$1")
first=${range%-*}
last=${range#*-}
export SLURM_ARRAY_TASK_MIN=$first SLURM_ARRAY_TASK_MAX=$last SLURM_ARRAY_TASK_COUNT=$((last - first + 1))
worst=0
for ((id = first; id <= last; id++)); do
  SLURM_ARRAY_TASK_ID=$id SLURM_CPUS_PER_TASK=1 bash "$1"
  code=$?
  [ $code -gt $worst ] && worst=$code
done
exit $worst
