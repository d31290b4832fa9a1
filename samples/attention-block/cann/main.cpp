// Runs the model from the command line: .npz in, .npz out, latency percentiles.
#include "model.h"
#include "runtime/runner.h"

int main(int argc, char** argv) {
  return portolan::command_line(*static_cast<const portolan::Model*>(attention_block_tables()), argc, argv);
}
