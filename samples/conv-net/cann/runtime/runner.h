// What a bundle's main.cpp and the verifier's harness share: run one model on arrays from a file.
#pragma once
#include <string>
#include <vector>

#include "npz.h"
#include "portolan.h"

namespace portolan {
inline namespace v1 {

struct Timing {
  int repeat = 1;
  int warmup = 0;
  std::vector<double> milliseconds;
};

// Inputs are found by tensor name; a .npy, which has no names, serves a model of one input. Returns 0, or a Status or vendor status with `error` set.
int run_arrays(const Model& model, const std::string& weights_folder, int device, const std::vector<npz::Array>& inputs, std::vector<npz::Array>& outputs,
               Timing& timing, std::string& error);

// The command line of a bundle: --inputs F [--save F] [--weights DIR] [--device N] [--repeat N] [--skip-hash].
int command_line(const Model& model, int argc, char** argv);

}  // namespace v1
}  // namespace portolan
