// Inline assembly of kernels: the instructions that other people's code spells so, each with the function of the guide that it
// is (vload.mz with all lanes is vload_lm_..., `.f` lanes are float32x16, `.hf` halves, `.s` and `.u` integers). Read in
// mobius/kunlun_k200 cluster3_simd.h and cluster_primitive.h, PaddlePaddle/FastDeploy quant2d_per_channel.xpu and
// free_and_dispatch_block.xpu, Paddle's XPU reduction (text-index id 3178894570), wangjiahui-99/FlagGems gt_raw.xpu. Anything else
// is refused by its name.
#include <stdlib.h>

#include <map>
#include <string>

#include "registers.h"
#include "xpu/kernel/xtdk_atomic_sm_xpu3.h"

namespace twin {
namespace xpu {

namespace {

using Words = std::vector<std::string>;

// One instruction at work: `vmul.f.mz.rn %0{%3}, %1, %2`.
class Instruction {
 public:
  Instruction(int line, const std::string& text, const std::vector<Operand>& operands, std::map<std::string, float32x16_t>& registers, uint32_t& mask3)
      : line_(line), text_(text), operands_(operands), registers_(registers), csr3_(mask3) {
    const size_t space = text.find_first_of(" \t");
    for (size_t at = 0; at != std::string::npos && at < std::min(space, text.size());) {
      const size_t dot = std::min(text.find('.', at), std::min(space, text.size()));
      name_.push_back(text.substr(at, dot - at));
      at = dot + 1;
    }
    split(space == std::string::npos ? "" : text.substr(space));
  }

  void run() {
    const std::string& op = name_[0];
    if (op == "mfence") return fence(fence_spaces(), line_);
    if (op == "sync_local") return sync_local(line_);
    if (op == "csr_set") return (void)(csr3_ = word(1));
    if (op == "sync_group") return sync_group((int)(csr3_ & 0xffff), line_);
    if (op == "loada") return load_atomic();
    if (op == "storea") return put(0, (uint32_t)REG2SM_atomic(static_cast<int*>(const_cast<void*>(address(2))), (int)word(1), line_));
    if (op == "float2bfloat" || op == "bfloat2float") return scalar_half(op == "float2bfloat");
    if (op.compare(0, 5, "vload") == 0 || op.compare(0, 6, "vstore") == 0) return memory(op);
    if (op == "vfloat2fix") return result<int32x16_t>(has("rz") ? vfloat2fix_rz(reg<float32x16_t>(1), line_) : vfloat2fix(reg<float32x16_t>(1), line_));
    if (op == "vfix2float") return result<float32x16_t>(vfix2float(reg<int32x16_t>(1)));
    if (op == "vfp162float_l") return result<float32x16_t>(vfp162float_l(reg<float16x32_t>(1)));
    if (op == "vfp162float_h") return result<float32x16_t>(vfp162float_h(reg<float16x32_t>(1)));
    if (op == "vfloat2fp16_l" || op == "vfloat2fp16_h") return half_of(op.back() == 'h');
    if (quarter(op, "vfloat2fix8_", true, true) || quarter(op, "vfloat2ufix8_", true, false)) return;
    if (quarter(op, "vfix82float_", false, true) || quarter(op, "vufix82float_", false, false)) return;
    if (op == "vmerge_l" || op == "vmerge_h") return merged(op.back() == 'h');
    if (op == "vshuffle2") return has("hf") ? result<float16x32_t>(neighbours_swapped(reg<float16x32_t>(1))) : result<float32x16_t>(neighbours_swapped(reg<float32x16_t>(1)));
    if (op == "vsll" || op == "vsrl") return shifted(op == "vsll");
    if (op == "vrmax" && !has("hf")) return put_float(0, vrmax_float32x16(reg<float32x16_t>(1), line_));
    lanes(op);
  }

 private:
  int line_;
  std::string text_;
  const std::vector<Operand>& operands_;
  std::map<std::string, float32x16_t>& registers_;
  uint32_t& csr3_;
  Words name_, args_;

  [[noreturn]] void refuse() const {
    violation("undocumented", line_, "inline assembly '%s': the twin knows no document of this instruction", text_.c_str());
  }

  void split(const std::string& text) {
    std::string word;
    for (const char c : text + ",") {
      if (c == ' ' || c == '\t') continue;
      if (c != ',') {
        word += c;
        continue;
      }
      if (!word.empty()) args_.push_back(word);
      word.clear();
    }
  }

  bool has(const char* part) const {
    for (const std::string& p : name_)
      if (p == part) return true;
    return false;
  }

  const std::string& arg(size_t i) const {
    if (i >= args_.size()) refuse();
    return args_[i];
  }
  // %3 as an operand, in whatever stands around it.
  const Operand& operand(const std::string& text) const {
    const size_t at = text.find('%');
    const size_t index = at == std::string::npos ? operands_.size() : (size_t)atoi(text.c_str() + at + 1);
    if (index >= operands_.size()) refuse();
    return operands_[index];
  }
  float32x16_t& place(const std::string& text) {
    if (text.compare(0, 2, "vr") == 0) return registers_[text.substr(0, text.find('{'))];
    const Operand& o = operand(text);
    if (o.kind != Operand::vector) refuse();
    return *static_cast<float32x16_t*>(o.place);
  }
  // A register by a type; a scalar fills it.
  template <class V>
  V reg(size_t i) {
    if (arg(i).compare(0, 2, "vr") != 0 && operand(arg(i)).kind == Operand::word) {
      typename V::lane value;
      const uint32_t bits = operand(arg(i)).bits;
      memcpy(&value, &bits, sizeof value);
      return splat<V>(value);
    }
    return bits_as<V>(place(arg(i)));
  }
  uint32_t word(size_t i) const {
    if (arg(i).find('%') == std::string::npos) return (uint32_t)strtol(arg(i).c_str(), nullptr, 0);
    const Operand& o = operand(arg(i));
    if (o.kind != Operand::word) refuse();
    return o.bits;
  }
  const void* address(size_t i) const {
    const Operand& o = operand(arg(i));
    if (o.kind != Operand::address) refuse();
    return static_cast<const char*>(o.to) + atoi(arg(i).c_str()[0] == '%' ? "0" : arg(i).c_str());
  }
  void put(size_t i, uint32_t bits) {
    const Operand& o = operand(arg(i));
    if (o.kind != Operand::word || !o.place) refuse();
    memcpy(o.place, &bits, o.size);
  }
  void put_float(size_t i, float f) {
    uint32_t bits;
    memcpy(&bits, &f, 4);
    put(i, bits);
  }

  // {mr1}: all lanes; {%3}: the operand's bits.
  uint64_t mask() const {
    for (const std::string& a : args_) {
      const size_t at = a.find('{');
      if (at == std::string::npos) continue;
      if (a.compare(at, 5, "{mr1}") == 0) return ~0ull;
      return (uint64_t)(int64_t)(int32_t)operand(a.substr(at)).bits;
    }
    return ~0ull;
  }
  // With the lanes that the mask leaves out: zero, or what the result's register held.
  template <class V>
  void result(const V& r) {
    V before = has("mh") ? bits_as<V>(place(arg(0))) : splat<V>(0);
    place(arg(0)) = bits_as<float32x16_t>(pick(mask(), r, before));
  }

  int fence_spaces() const {
    int spaces = 0;
    if (text_.find("lm") != std::string::npos) spaces |= 1;
    if (text_.find("sm") != std::string::npos) spaces |= 2;
    if (text_.find("gm") != std::string::npos) spaces |= 4;
    return spaces ? spaces : 7;
  }

  void load_atomic() {
    const auto bits = (uint32_t)SM2REG_atomic(static_cast<const int*>(address(1)), line_);
    put(0, bits);
  }

  void scalar_half(bool to_half) {
    if (to_half) {
      float f;
      const uint32_t bits = word(1);
      memcpy(&f, &bits, 4);
      put(0, float_to_bfloat(f));
    } else {
      put_float(0, bfloat_to_float((uint16_t)word(1)));
    }
  }

  // vload[s][_mask16].{mz,mh} register{mask}, offset(base): `s` is shared memory.
  void memory(const std::string& op) {
    const bool store = op.compare(0, 6, "vstore") == 0, words = op.find("_mask16") != std::string::npos;
    const std::string space = op.substr(store ? 6 : 5, 1);
    if (!has("mz") && !has("mh")) refuse();
    return words ? moved<float32x16_t>(store, space == "s") : moved<int16x32_t>(store, space == "s");
  }
  template <class V>
  void moved(bool store, bool shared) {
    void* p = const_cast<void*>(address(1));
    Memory& m = shared ? shared_memory(p, line_) : local_memory(p, line_);
    if (!store) {
      const V loaded = load_lanes<V>(p, line_, m);
      return result(loaded);
    }
    const V r = reg<V>(0);
    store_lanes(p, pick(mask(), r, has("mh") ? load_lanes<V>(p, line_, m) : splat<V>(0)), line_, m);
  }

  // Half of the lanes of a register of halves; the others stay.
  void half_of(bool high) {
    if (!has("rn")) refuse();
    float16x32_t whole = bits_as<float16x32_t>(place(arg(0)));
    const float32x16_t v = reg<float32x16_t>(1);
    const float16x32_t both = vfloat2fp16_lh(v, v);
    const int from = high ? 16 : 0;
    for (int i = 0; i < 16; i++) whole.lanes[from + i] = both.lanes[from + i];
    const uint64_t half = 0xffffffffull << (high ? 32 : 0);
    whole.defined = (whole.defined & ~half) | (both.defined & half);
    place(arg(0)) = bits_as<float32x16_t>(whole);
  }

  bool quarter(const std::string& op, const std::string& prefix, bool to_fix, bool is_signed) {
    if (op.compare(0, prefix.size(), prefix) != 0) return false;
    const std::string which = op.substr(prefix.size());
    const int q = which == "ll" ? 0 : which == "lh" ? 1 : which == "hl" ? 2 : which == "hh" ? 3 : -1;
    if (q < 0) refuse();
    if (!to_fix) {
      place(arg(0)) = fix8_quarter(reg<int8x64_t>(1), q, is_signed);
    } else {
      int8x64_t r = bits_as<int8x64_t>(place(arg(0)));
      put_fix8_quarter(r, reg<float32x16_t>(1), q, has("rn"), is_signed, line_);
      place(arg(0)) = bits_as<float32x16_t>(r);
    }
    return true;
  }

  void merged(bool high) {
    if (has("hf")) return result(interleaved(reg<int16x32_t>(1), reg<int16x32_t>(2), high));
    result(interleaved(reg<float32x16_t>(1), reg<float32x16_t>(2), high));
  }

  // .p moves the whole register; the others each lane.
  void shifted(bool left) {
    const int bits = (int)word(1);
    if (has("p")) {
      const float32x16_t v = reg<float32x16_t>(2);
      place(arg(0)) = left ? shifted_left(bits, v, "vsll.p", line_) : shifted_right(bits, v, "vsrl.p", line_);
      return;
    }
    if (!has("s") && !has("u")) refuse();
    const uint32x16_t v = reg<uint32x16_t>(2);
    result(left ? svsll_uint32x16(bits, v) : svsrl_uint32x16(bits, v));
  }

  template <class V>
  bool computed_as(const std::string& op, V (*add)(const V&, const V&), V (*sub)(const V&, const V&), V (*mul)(const V&, const V&),
                   V (*most)(const V&, const V&), V (*least)(const V&, const V&)) {
    V (*const f)(const V&, const V&) = op == "vadd" ? add : op == "vsub" ? sub : op == "vmul" || op == "vmac" ? mul : op == "vmax" ? most : op == "vmin" ? least : nullptr;
    if (!f) return false;
    const V a = reg<V>(1), b = reg<V>(2), r = f(a, b);
    result(op == "vmac" ? add(r, bits_as<V>(place(arg(0)))) : r);
    return true;
  }

  void lanes(const std::string& op) {
    if (op == "vand" || op == "vor" || op == "vxor") {
      // A register with itself is zero whatever it holds: the operands are taken where they lie.
      if (op == "vxor" && arg(1).substr(0, arg(1).find('{')) == arg(2)) return result(splat<uint32x16_t>(0));
      if (has("hf")) {
        const auto f = op == "vand" ? &vvand_int16x32 : op == "vor" ? &vvor_int16x32 : &vvxor_int16x32;
        return result(f(reg<int16x32_t>(1), reg<int16x32_t>(2)));
      }
      const auto f = op == "vand" ? &vvand_uint32x16 : op == "vor" ? &vvor_uint32x16 : &vvxor_uint32x16;
      return result(f(reg<uint32x16_t>(1), reg<uint32x16_t>(2)));
    }
    const bool done =
        has("f")    ? computed_as<float32x16_t>(op, vvadd_float32x16, vvsub_float32x16, vvmul_float32x16, vvmax_float32x16, vvmin_float32x16)
        : has("hf") ? computed_as<float16x32_t>(op, vvadd_float16x32, vvsub_float16x32, vvmul_float16x32, vvmax_float16x32, vvmin_float16x32)
        : has("s")  ? computed_as<int32x16_t>(op, vvadd_int32x16, vvsub_int32x16, vvmul_int32x16, vvmax_int32x16, vvmin_int32x16)
                    : false;
    if (!done) refuse();
  }
};

Words instructions_of(const char* text) {
  Words out;
  std::string one;
  for (const char* c = text;; c++) {
    if (*c && *c != '\n' && *c != ';') {
      if (!one.empty() || (*c != ' ' && *c != '\t')) one += *c;
      continue;
    }
    while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.pop_back();
    if (!one.empty()) out.push_back(one);
    one.clear();
    if (!*c) return out;
  }
}

}  // namespace

void assembly(int line, const char* text, std::initializer_list<Operand> operands) {
  here().last_line = line;
  std::map<std::string, float32x16_t> registers;
  uint32_t mask3 = 0;
  const std::vector<Operand> list(operands);
  for (const std::string& one : instructions_of(text)) Instruction(line, one, list, registers, mask3).run();
}

}  // namespace xpu
}  // namespace twin
