// Many models in one program: each runs in a process of its own, so that one that fails does not end the others.
#pragma once
#include "portolan.h"

namespace portolan {
inline namespace v1 {

// argv: FOLDER SECONDS. Case i reads FOLDER/i/in.npz, looks for weights in FOLDER/i, writes FOLDER/i/out.npz, and its
// stderr goes to FOLDER/i/stderr.txt. One line a case on stdout: "i STATUS SIGNAL".
int run_suite(const Model* const* models, int count, int argc, char** argv);

}  // namespace v1
}  // namespace portolan
