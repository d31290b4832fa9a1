// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include <string>

namespace portolan {
inline namespace v1 {

class Sha256 {
 public:
  void update(const void* bytes, size_t count);
  // Ends it: 64 hexadecimal digits.
  std::string hex();

 private:
  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block_[64];
  uint64_t bytes_ = 0;
  void take(const uint8_t* block, size_t count);
};

}  // namespace v1
}  // namespace portolan
