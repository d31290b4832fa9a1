// NumPy's .npy and .npz files: little-endian, C order, stored or deflated members.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "portolan.h"

namespace portolan {
inline namespace v1 {
namespace npz {

struct Array {
  std::string name;  // empty: it came from a .npy, which has none
  Type type = Type::f32;
  // One byte an element of a type that NumPy has no name for, its bits the lowest; what they mean the model says.
  bool is_raw = false;
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

// A .npz gives all its members, a .npy one array without a name. False with `error` set when it cannot be read.
bool read(const std::string& path, std::vector<Array>& out, std::string& error);
// Writes a stored (uncompressed) .npz, without time stamps: the same arrays give the same bytes.
bool write(const std::string& path, const std::vector<Array>& arrays, std::string& error);

}  // namespace npz
}  // namespace v1
}  // namespace portolan
