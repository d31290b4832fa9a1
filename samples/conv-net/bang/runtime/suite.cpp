#include "suite.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "runner.h"

namespace portolan {
inline namespace v1 {

namespace {

int run_case(const Model& model, const std::string& folder) {
  std::vector<npz::Array> inputs, outputs;
  std::string error;
  Timing timing;
  if (model.input_count > 0 && !npz::read(folder + "/in.npz", inputs, error)) return fprintf(stderr, "in.npz: %s\n", error.c_str()), 2;
  if (const int status = run_arrays(model, folder, 0, inputs, outputs, timing, error)) return fprintf(stderr, "%s (status %d)\n", error.c_str(), status), 1;
  if (!npz::write(folder + "/out.npz", outputs, error)) return fprintf(stderr, "out.npz: %s\n", error.c_str()), 2;
  return 0;
}

}  // namespace

int run_suite(const Model* const* models, int count, int argc, char** argv) {
  if (argc < 3) return fprintf(stderr, "usage: %s FOLDER SECONDS\n", argv[0]), 2;
  for (int i = 0; i < count; ++i) {
    const std::string folder = std::string(argv[1]) + "/" + std::to_string(i);
    const pid_t child = fork();
    if (child < 0) return perror("fork"), 2;
    if (child == 0) {
      const int err = open((folder + "/stderr.txt").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
      if (err >= 0) dup2(err, 2);
      alarm((unsigned)atoi(argv[2]));
      _exit(run_case(*models[i], folder));
    }
    int status = 0;
    waitpid(child, &status, 0);
    printf("%d %d %d\n", i, WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    fflush(stdout);
  }
  return 0;
}

}  // namespace v1
}  // namespace portolan
