// .npy header text, the zip container, and inflate (RFC 1951) for members that NumPy compressed.
#include "npz.h"

#include <array>
#include <cstdio>
#include <cstring>

namespace portolan {
inline namespace v1 {
namespace npz {

namespace {

using Bytes = std::vector<uint8_t>;

uint32_t u16(const uint8_t* p) { return p[0] | p[1] << 8; }
uint32_t u32(const uint8_t* p) { return u16(p) | u16(p + 2) << 16; }
uint64_t u64(const uint8_t* p) { return u32(p) | (uint64_t)u32(p + 4) << 32; }

bool read_file(const std::string& path, Bytes& out) {
  FILE* f = fopen(path.c_str(), "rb");
  if (!f) return false;
  uint8_t chunk[65536];
  for (size_t n; (n = fread(chunk, 1, sizeof chunk, f)) > 0;) out.insert(out.end(), chunk, chunk + n);
  fclose(f);
  return true;
}

// ---- inflate ----------------------------------------------------------------------------------------------------

struct Bits {
  const uint8_t* data;
  size_t size, at = 0;
  uint32_t hold = 0;
  int count = 0;
  bool good = true;

  uint32_t take(int n) {
    while (count < n) {
      if (at >= size) {
        good = false;
        return 0;
      }
      hold |= (uint32_t)data[at++] << count;
      count += 8;
    }
    const uint32_t value = hold & ((1u << n) - 1);
    hold >>= n;
    count -= n;
    return value;
  }
};

// Canonical Huffman code: how many codes of each length, and the symbols in code order.
struct Code {
  std::array<uint16_t, 16> count{};
  std::vector<uint16_t> symbols;

  Code(const uint8_t* lengths, int n) : symbols(n) {
    for (int i = 0; i < n; ++i) ++count[lengths[i]];
    count[0] = 0;
    std::array<uint16_t, 16> next{};
    for (int i = 1; i < 15; ++i) next[i + 1] = next[i] + count[i];
    for (int i = 0; i < n; ++i)
      if (lengths[i]) symbols[next[lengths[i]]++] = (uint16_t)i;
  }

  int decode(Bits& bits) const {
    int code = 0, first = 0, index = 0;
    for (int length = 1; length <= 15; ++length) {
      code |= (int)bits.take(1);
      if (!bits.good) return -1;
      const int here = count[length];
      if (code < first) return -1;  // more codes than there is room for
      if (code - here < first) return symbols[index + (code - first)];
      index += here;
      first = (first + here) << 1;
      code <<= 1;
    }
    return -1;
  }
};

constexpr uint16_t length_base[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr uint8_t length_extra[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr uint16_t distance_base[] = {1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr uint8_t distance_extra[] = {0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

bool inflate_block(Bits& bits, Bytes& out, const Code& literals, const Code& distances) {
  for (;;) {
    const int symbol = literals.decode(bits);
    if (symbol < 0 || symbol > 285) return false;
    if (symbol == 256) return true;
    if (symbol < 256) {
      out.push_back((uint8_t)symbol);
      continue;
    }
    const int length = length_base[symbol - 257] + (int)bits.take(length_extra[symbol - 257]);
    const int code = distances.decode(bits);
    if (code < 0 || code > 29) return false;
    const size_t distance = distance_base[code] + bits.take(distance_extra[code]);
    if (!bits.good || distance > out.size()) return false;
    for (int i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
  }
}

bool inflate_dynamic(Bits& bits, Bytes& out) {
  const int literal_count = (int)bits.take(5) + 257, distance_count = (int)bits.take(5) + 1, code_count = (int)bits.take(4) + 4;
  static const uint8_t order[] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[320] = {};
  for (int i = 0; i < code_count; ++i) lengths[order[i]] = (uint8_t)bits.take(3);
  const Code code_lengths(lengths, 19);
  memset(lengths, 0, sizeof lengths);
  for (int i = 0; i < literal_count + distance_count;) {
    const int symbol = code_lengths.decode(bits);
    if (symbol < 0) return false;
    if (symbol < 16) {
      lengths[i++] = (uint8_t)symbol;
      continue;
    }
    if (symbol == 16 && i == 0) return false;
    const uint8_t value = symbol == 16 ? lengths[i - 1] : 0;
    const int repeat = symbol == 16 ? 3 + (int)bits.take(2) : symbol == 17 ? 3 + (int)bits.take(3) : 11 + (int)bits.take(7);
    if (i + repeat > literal_count + distance_count) return false;
    for (int k = 0; k < repeat; ++k) lengths[i++] = value;
  }
  return inflate_block(bits, out, Code(lengths, literal_count), Code(lengths + literal_count, distance_count));
}

bool inflate(const uint8_t* data, size_t size, Bytes& out) {
  Bits bits{data, size};
  for (bool last = false; !last && bits.good;) {
    last = bits.take(1);
    const uint32_t kind = bits.take(2);
    if (kind == 0) {
      bits.hold = 0;
      bits.count = 0;
      if (bits.at + 4 > size) return false;
      const size_t length = u16(data + bits.at);
      bits.at += 4;
      if (bits.at + length > size) return false;
      out.insert(out.end(), data + bits.at, data + bits.at + length);
      bits.at += length;
    } else if (kind == 1) {
      uint8_t lengths[288], five[30];
      for (int i = 0; i < 288; ++i) lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
      memset(five, 5, sizeof five);
      if (!inflate_block(bits, out, Code(lengths, 288), Code(five, 30))) return false;
    } else if (kind == 2) {
      if (!inflate_dynamic(bits, out)) return false;
    } else {
      return false;
    }
  }
  return bits.good;
}

// ---- .npy -------------------------------------------------------------------------------------------------------

struct Spelling {
  const char* descr;
  Type type;
};
constexpr Spelling spellings[] = {{"<f4", Type::f32}, {"<f2", Type::f16}, {"<f8", Type::f64}, {"<i8", Type::i64}, {"<i4", Type::i32}, {"<i2", Type::i16},
                                  {"|i1", Type::i8},  {"|u1", Type::u8},  {"<u2", Type::u16}, {"<u4", Type::u32}, {"<u8", Type::u64}, {"|b1", Type::boolean},
                                  // NumPy has no bfloat16 of its own; two raw bytes is how its files carry one.
                                  {"<V2", Type::bf16}};

// As ml_dtypes saves numbers of 8 bits and fewer.
constexpr char raw_bytes[] = "|V1";

bool parse_npy(const uint8_t* p, size_t size, Array& out, std::string& error) {
  if (size < 10 || memcmp(p, "\x93NUMPY", 6) != 0) return error = "not a .npy file", false;
  const size_t prefix = p[6] == 1 ? 10 : 12, length = p[6] == 1 ? u16(p + 8) : u32(p + 8);
  if (prefix + length > size) return error = "header cut short", false;
  const std::string header(reinterpret_cast<const char*>(p) + prefix, length);
  bool known = false;
  for (const Spelling& s : spellings)
    if (header.find(std::string("'") + s.descr + "'") != std::string::npos) {
      out.type = s.type;
      known = true;
    }
  out.is_raw = header.find(std::string("'") + raw_bytes + "'") != std::string::npos;
  if (out.is_raw) out.type = Type::u8;
  if (!known && !out.is_raw) return error = "element type not taken here: " + header, false;
  if (header.find("'fortran_order': True") != std::string::npos) return error = "Fortran order: save a C-ordered copy", false;
  const size_t open = header.find('(', header.find("'shape'"));
  if (open == std::string::npos) return error = "no shape in its header", false;
  out.shape.clear();
  size_t count = 1;
  for (const char* c = header.c_str() + open + 1; *c && *c != ')';) {
    char* end;
    const long long extent = strtoll(c, &end, 10);
    if (end == c) {
      ++c;
      continue;
    }
    if (extent < 0) return error = "a negative extent in its header", false;
    out.shape.push_back(extent);
    if (__builtin_mul_overflow(count, (size_t)extent, &count)) return error = "its extents overflow", false;
    c = end;
  }
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, element_bytes(out.type), &bytes) || bytes > size - prefix - length) return error = "data cut short", false;
  out.bytes.assign(p + prefix + length, p + prefix + length + bytes);
  return true;
}

Bytes print_npy(const Array& a) {
  const char* descr = "<f4";
  for (const Spelling& s : spellings)
    if (s.type == a.type) descr = s.descr;
  if (a.is_raw) descr = raw_bytes;
  std::string shape;
  for (const int64_t extent : a.shape) shape += std::to_string(extent) + (a.shape.size() == 1 ? "," : ", ");
  if (a.shape.size() > 1) shape.resize(shape.size() - 2);
  std::string header = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': (" + shape + "), }";
  header.resize((header.size() + 10 + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  Bytes out = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)(header.size() & 255), (uint8_t)(header.size() >> 8)};
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), a.bytes.begin(), a.bytes.end());
  return out;
}

// ---- zip --------------------------------------------------------------------------------------------------------

uint32_t crc32(const Bytes& data) {
  uint32_t crc = 0xFFFFFFFFu;
  for (const uint8_t byte : data) {
    crc ^= byte;
    for (int k = 0; k < 8; ++k) crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1u)));
  }
  return ~crc;
}

bool parse_zip(const Bytes& zip, std::vector<Array>& out, std::string& error) {
  size_t end = zip.size() < 22 ? 0 : zip.size() - 22;
  while (end > 0 && u32(&zip[end]) != 0x06054B50u) --end;
  if (zip.size() < 22 || u32(&zip[end]) != 0x06054B50u) return error = "no zip directory", false;
  const size_t entries = u16(&zip[end + 10]);
  size_t at = u32(&zip[end + 16]);
  for (size_t i = 0; i < entries; ++i) {
    if (at + 46 > zip.size() || u32(&zip[at]) != 0x02014B50u) return error = "broken zip directory", false;
    const uint32_t method = u16(&zip[at + 10]), name_size = u16(&zip[at + 28]), extra_size = u16(&zip[at + 30]);
    uint64_t packed = u32(&zip[at + 20]), full = u32(&zip[at + 24]), local = u32(&zip[at + 42]);
    if (at + 46 + name_size + extra_size > zip.size()) return error = "broken zip directory", false;
    const std::string name(reinterpret_cast<const char*>(&zip[at + 46]), name_size);
    // NumPy writes 64-bit sizes in the extra field of its members.
    for (size_t x = at + 46 + name_size; x + 4 <= at + 46 + name_size + extra_size; x += 4 + u16(&zip[x + 2])) {
      if (u16(&zip[x]) != 1) continue;
      size_t field = x + 4;
      for (uint64_t* value : {&full, &packed, &local})
        if (*value == 0xFFFFFFFFu && field + 8 <= zip.size()) {
          *value = u64(&zip[field]);
          field += 8;
        }
    }
    at += 46 + name_size + extra_size + u16(&zip[at + 32]);
    if (local > zip.size() || zip.size() - local < 30) return error = "broken zip member", false;
    const size_t data = local + 30 + u16(&zip[local + 26]) + u16(&zip[local + 28]);
    if (data > zip.size() || packed > zip.size() - data) return error = name + ": cut short", false;
    Bytes member;
    if (method == 0) {
      member.assign(zip.begin() + (ptrdiff_t)data, zip.begin() + (ptrdiff_t)(data + packed));
    } else if (method != 8 || !inflate(zip.data() + data, packed, member) || member.size() != full) {
      return error = name + ": cannot be decompressed", false;
    }
    Array array;
    array.name = name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0 ? name.substr(0, name.size() - 4) : name;
    if (!parse_npy(member.data(), member.size(), array, error)) return error = name + ": " + error, false;
    out.push_back(std::move(array));
  }
  return true;
}

void put(Bytes& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back((uint8_t)(value >> 8 * i));
}

}  // namespace

bool read(const std::string& path, std::vector<Array>& out, std::string& error) {
  Bytes bytes;
  if (!read_file(path, bytes)) return error = "cannot be opened", false;
  // A zip begins with its first member, or, when it has none, with the end of its directory.
  const uint32_t magic = bytes.size() < 4 ? 0 : u32(bytes.data());
  if (magic == 0x04034B50u || magic == 0x06054B50u) return parse_zip(bytes, out, error);
  Array array;
  if (!parse_npy(bytes.data(), bytes.size(), array, error)) return false;
  out.push_back(std::move(array));
  return true;
}

bool write(const std::string& path, const std::vector<Array>& arrays, std::string& error) {
  Bytes out, directory;
  for (const Array& a : arrays) {
    const Bytes member = print_npy(a);
    const std::string name = a.name + ".npy";
    const size_t local = out.size();
    if (member.size() >= 0xFFFFFFFFu || local >= 0xFFFFFFFFu) return error = "more than 4 GiB: save outputs one by one", false;
    const auto common = [&](Bytes& to) {
      put(to, 20, 2);               // version needed
      put(to, 0x0800, 2);           // names are UTF-8
      put(to, 0, 2);                // stored
      put(to, 0x00210000, 4);       // 1980-01-01: no clock in a result
      put(to, crc32(member), 4);
      put(to, member.size(), 4);
      put(to, member.size(), 4);
      put(to, name.size(), 2);
      put(to, 0, 2);
    };
    put(out, 0x04034B50u, 4);
    common(out);
    out.insert(out.end(), name.begin(), name.end());
    out.insert(out.end(), member.begin(), member.end());
    put(directory, 0x02014B50u, 4);
    put(directory, 20, 2);
    common(directory);
    put(directory, 0, 6);  // no comment, the first disk, no attributes
    put(directory, 0, 4);
    put(directory, local, 4);
    directory.insert(directory.end(), name.begin(), name.end());
  }
  const size_t begin = out.size();
  out.insert(out.end(), directory.begin(), directory.end());
  put(out, 0x06054B50u, 4);
  put(out, 0, 4);
  put(out, arrays.size(), 2);
  put(out, arrays.size(), 2);
  put(out, directory.size(), 4);
  put(out, begin, 4);
  put(out, 0, 2);
  FILE* f = fopen(path.c_str(), "wb");
  if (!f) return error = "cannot be written", false;
  const bool whole = fwrite(out.data(), 1, out.size(), f) == out.size();
  if (fclose(f) != 0 || !whole) return error = "cannot be written whole", false;
  return true;
}

}  // namespace npz
}  // namespace v1
}  // namespace portolan
