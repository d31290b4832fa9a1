// Rewrites a kernel source so that a plain C++ compiler takes it for the twin build:
//
//   prepare bang   in.mlu out.cpp [-IFOLDER ...]
//   prepare kunlun in.xpu out.cpp [-IFOLDER ...]
//   prepare cann   in.cpp out.cpp [aclrtlaunch_<kernel>.h ...]
//
// k<<<a, b, c>>>(x, y)      becomes  ::twin::start("k", [=] { k(x, y); }, a, b, c)
// __nram__ float t[64];     becomes  float (&t)[64] = ::twin::OnChip{"nram", "t", 0, LINE};        in a function
//                           and      a type and a macro that looks the object up at each use       at file scope
// void f(__nram__ float* p) loses the qualifier: a pointer's address space is checked when it is used.
// cann: each extern "C" __global__ kernel gets a function aclrtlaunch_<kernel> and the header that declares it.
//
// bang and kunlun: macros are rewritten as code is, and so are headers in quotes that lie beside the file or in a folder given by -I.
//
// kunlun: the object is held as long as its scope (::twin::Held), its extents may follow from run-time values, and it may have
// values to begin with. An array without a qualifier in a __global__ or __device__ function lies in local memory too, and such a
// function begins with a check of where its pointers point. Inline assembly and reinterpret_cast between registers become calls.
// A file that names its architecture ("--xpu-arch=xpu2" in a comment) defines __XPU2__, as its build does.
//
// bang: an object that is given a value holds it when a core begins (it is static there). What says that a function is the
// device's gives way where C++ takes no `static` (specialisations, extern "C"), asm("sync;") becomes __sync(). A launch's arguments
// stay the host's objects, which kernels take copies of ([&]).
// Launches become start<__BANG_ARCH__>, and a file that names its architecture ("--bang-mlu-arch=mtp_372" in a comment)
// defines __BANG_ARCH__, as the vendor's compiler does from its command line.
//
// cann: a file that names its chip ("-DSOC_VERSION=Ascend310P3" in a comment) defines PORTOLAN_CHIP for the twin.
//
// Nothing else changes, and lines keep their numbers (#line), so that violations name the kernel's own lines.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Token {
  enum Kind { word, symbol, space, literal } kind;  // space: blanks, comments and preprocessor lines
  std::string text;
  int line;
};

std::string input_path;
bool bang = false;
bool kunlun = false;

[[noreturn]] void refuse(int line, const std::string& message) {
  std::cerr << input_path << ":" << line << ": " << message << "\n";
  exit(1);
}

// ---- tokens -----------------------------------------------------------------------------------------------------

size_t end_of_quoted(const std::string& s, size_t at) {
  const char quote = s[at++];
  while (at < s.size() && s[at] != quote) at += s[at] == '\\' ? 2 : 1;
  return at < s.size() ? at + 1 : s.size();
}

// A preprocessor directive with its continued lines.
size_t end_of_directive(const std::string& s, size_t at) {
  while (at < s.size() && s[at] != '\n') at += s[at] == '\\' && at + 1 < s.size() ? 2 : 1;
  return at;
}

size_t end_of_space(const std::string& s, size_t at, bool line_start) {
  for (;;) {
    if (at < s.size() && isspace((unsigned char)s[at])) {
      line_start = line_start || s[at] == '\n';
      at++;
    } else if (s.compare(at, 2, "\\\n") == 0) {
      at += 2;
    } else if (s.compare(at, 2, "//") == 0) {
      at = std::min(s.find('\n', at), s.size());
    } else if (s.compare(at, 2, "/*") == 0) {
      const size_t close = s.find("*/", at + 2);
      at = close == std::string::npos ? s.size() : close + 2;
    } else if (line_start && at < s.size() && s[at] == '#') {
      at = end_of_directive(s, at);
    } else {
      return at;
    }
  }
}

bool starts_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

std::vector<Token> tokenize(const std::string& s) {
  std::vector<Token> out;
  int line = 1;
  for (size_t at = 0; at < s.size();) {
    Token::Kind kind = Token::symbol;
    size_t end = end_of_space(s, at, at == 0);
    if (end > at) {
      kind = Token::space;
    } else if (starts_word(s[at])) {
      kind = Token::word;
      const bool number = isdigit((unsigned char)s[at]);
      while (end < s.size() && (starts_word(s[end]) || (number && (s[end] == '.' || s[end] == '\'')))) end++;
    } else if (s[at] == '"' || s[at] == '\'') {
      kind = Token::literal;
      end = end_of_quoted(s, at);
    } else {
      const std::string three = s.substr(at, 3);
      end = at + (three == "<<<" || three == ">>>" ? 3 : three.compare(0, 2, "::") == 0 ? 2 : 1);
    }
    out.push_back({kind, s.substr(at, end - at), line});
    for (const char c : out.back().text) line += c == '\n';
    at = end;
  }
  return out;
}

using Tokens = std::vector<Token>;

size_t next(const Tokens& t, size_t i) {
  for (i++; i < t.size() && t[i].kind == Token::space; i++) {
  }
  return i;
}

// The token before i that is not blank; t.size() when there is none.
size_t previous(const Tokens& t, size_t i) {
  while (i-- > 0)
    if (t[i].kind != Token::space) return i;
  return t.size();
}

std::string join(const Tokens& t, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to; i++) out += t[i].text;
  return out;
}

std::string trim(const std::string& s) {
  const size_t from = s.find_first_not_of(" \t\r\n"), to = s.find_last_not_of(" \t\r\n");
  return from == std::string::npos ? "" : s.substr(from, to - from + 1);
}

// The bracket that ends the one at `open`; t.size() when there is none, as where #else holds a second heading.
size_t closing_if_any(const Tokens& t, size_t open, const std::string& opens, const std::string& closes) {
  int depth = 0;
  for (size_t i = open; i < t.size(); i++) {
    depth += t[i].text == opens;
    depth -= t[i].text == closes;
    if (depth == 0) return i;
  }
  return t.size();
}

size_t closing(const Tokens& t, size_t open, const std::string& opens, const std::string& closes) {
  const size_t close = closing_if_any(t, open, opens, closes);
  if (close < t.size()) return close;
  refuse(t[open].line, "'" + opens + "' is never closed");
}

// Puts `text` in the place of tokens begin to end.
void replace(Tokens& t, size_t begin, size_t end, const std::string& text, int line) {
  for (size_t i = begin; i <= end; i++) t[i] = {Token::space, "", t[i].line};
  t[begin] = {Token::literal, text, line};
}

// Of the macro whose body is rewritten.
std::set<std::string> macro_parameters;

// A name as a literal: what a parameter stands for, in a macro, also where it is pasted to others (k_##name).
std::string quoted(const std::string& name) {
  std::string out;
  for (size_t from = 0, paste; from <= name.size(); from = paste + 2) {
    paste = std::min(name.find("##", from), name.size());
    const std::string part = trim(name.substr(from, paste - from));
    out += (out.empty() ? "" : " ") + (macro_parameters.count(part) ? "#" + part : "\"" + part + "\"");
  }
  return out;
}

// ---- launches -----------------------------------------------------------------------------------------------------

// The bracket that the one at `close` ends.
size_t opening(const Tokens& t, size_t close, const std::string& opens, const std::string& closes) {
  int depth = 0;
  for (size_t at = close; at < t.size(); at = previous(t, at)) {
    depth += t[at].text == closes;
    depth -= t[at].text == opens;
    if (depth == 0) return at;
  }
  return t.size();
}

// The first token of a name that ends at `at`, with its template arguments: k, k<float, 4>, or k_##name in a macro; t.size() where there
// is none.
size_t name_begin(const Tokens& t, size_t at) {
  if (at < t.size() && t[at].text == ">") at = previous(t, opening(t, at, "<", ">"));
  if (at >= t.size() || t[at].kind != Token::word) return t.size();
  const size_t second = previous(t, at), first = second < t.size() ? previous(t, second) : second;
  const bool pasted = first < t.size() && t[first].text == "#" && t[second].text == "#";
  return pasted ? name_begin(t, previous(t, first)) : at;
}

// Where the callee of a launch begins: ns::k, K<float>::k<4>, or an expression in parentheses.
size_t callee_begin(const Tokens& t, size_t launch) {
  const size_t last = previous(t, launch);
  if (last < t.size() && t[last].text == ")") return opening(t, last, "(", ")");
  size_t at = name_begin(t, last);
  if (at == t.size()) refuse(t[launch].line, "a launch needs a kernel's name before <<<");
  for (size_t colons = previous(t, at); colons < t.size() && t[colons].text == "::"; colons = previous(t, at)) {
    const size_t scope = name_begin(t, previous(t, colons));
    if (scope == t.size()) return colons;
    at = scope;
  }
  return at;
}

// Text of a macro on one line: without the backslashes that end its lines.
std::string unfolded(std::string s) {
  for (size_t at; (at = s.find("\\\n")) != std::string::npos;) s.replace(at, 2, "");
  return s;
}

void rewrite_launch(Tokens& t, size_t launch) {
  const size_t begin = callee_begin(t, launch);
  size_t close = launch;
  while (close < t.size() && t[close].text != ">>>") close++;
  if (close == t.size()) refuse(t[launch].line, "'<<<' without '>>>'");
  const size_t open = next(t, close);
  if (open >= t.size() || t[open].text != "(") refuse(t[launch].line, "a launch needs its arguments after >>>");
  const size_t end = closing(t, open, "(", ")");

  const std::string written = join(t, begin, open), callee = trim(unfolded(join(t, begin, launch)));
  const std::string grid = trim(join(t, launch + 1, close)), arguments = join(t, open, end + 1);
  const int line = t[begin].line;
  int lines = 0;  // newlines between the callee and the argument list that the rewritten text no longer holds
  for (const char c : written) lines += c == '\n';
  for (const char c : grid) lines -= c == '\n';
  // Kunlun: arguments are evaluated once, by the host, whatever they are.
  const std::string values = trim(arguments.substr(1, arguments.size() - 2));
  const std::string body = kunlun && !values.empty() ? "::twin::with([=](auto... twin_values) { " + callee + "(twin_values...); }, " + arguments.substr(1)
                                                     : (bang ? "[&] { " : "[=] { ") + callee + arguments + "; }";
  const std::string call = std::string("::twin::start") + (bang ? "<__BANG_ARCH__>" : kunlun ? "<PTL_TWIN_ARCH>" : "") + "(" + quoted(callee) + ", " + body + ", " + grid + ")";
  std::string rest;
  for (; lines > 0; lines--) rest += written.find("\\\n") == std::string::npos ? "\n" : " \\\n";
  replace(t, begin, end, call + rest, line);
}

// ---- declarations ---------------------------------------------------------------------------------------------------

const std::set<std::string> qualifiers = {"__nram__", "__wram__", "__mlu_shared__", "__ldram__", "__shared__", "__group_shared__", "__local__"};

std::string plain(const std::string& qualifier) { return qualifier.substr(2, qualifier.size() - 4); }

struct Scope {
  int parens = 0, braces = 0;
};

Scope scope_of(const Tokens& t, size_t at) {
  Scope s;
  std::vector<bool> counts;  // which open braces are a function's or a block's, not a namespace's or extern "C"'s
  for (size_t i = 0; i < at; i++) {
    if (t[i].text == "(") s.parens++;
    if (t[i].text == ")") s.parens--;
    if (t[i].text == "{") {
      const size_t p = previous(t, i);
      // The name of a namespace, a::b::c too.
      size_t named = p;
      while (named < t.size() && (t[named].kind == Token::word || t[named].text == "::") && t[named].text != "namespace") named = previous(t, named);
      const bool outer = p < t.size() && (t[p].kind == Token::literal || (named < t.size() && t[named].text == "namespace"));
      counts.push_back(!outer);
      s.braces += !outer;
    }
    if (t[i].text == "}" && !counts.empty()) {
      s.braces -= counts.back();
      counts.pop_back();
    }
  }
  return s;
}

struct Declaration {
  std::string space, base;  // the qualifier and the type words
  size_t align = 0;         // what __simd__ asks for
  struct Item {
    std::string name, extents, values;  // values: of an initialiser
  };
  std::vector<Item> items;
  bool pointer = false;
};

// The end of an initialiser: a comma or the statement's end, outside of all brackets.
size_t end_of_value(const Tokens& t, size_t at, size_t end) {
  for (int depth = 0; at < end; at++) {
    const std::string& x = t[at].text;
    depth += x == "(" || x == "{" || x == "[";
    depth -= x == ")" || x == "}" || x == "]";
    if (depth == 0 && x == ",") return at;
  }
  return end;
}

Declaration read_declaration(const Tokens& t, size_t begin, size_t end) {
  Declaration d;
  size_t name = t.size();
  bool in_type = true;
  for (size_t i = begin; i < end; i = next(t, i)) {
    const std::string& x = t[i].text;
    if (qualifiers.count(x)) {
      d.space = plain(x);
    } else if (x == "__simd__") {
      d.align = 64;
    } else if (x == "__attribute__" || x == "alignas") {
      i = closing(t, next(t, i), "(", ")");  // every object begins at a granule already
    } else if (x == "*" || x == "&") {
      d.pointer = true;
      return d;
    } else if (x == "=" && name < t.size() && (bang || (kunlun && (d.space.empty() || d.space == "local")))) {
      if (in_type) d.items.push_back({t[name].text, "", ""});
      in_type = false;
      const size_t stop = end_of_value(t, next(t, i), end);
      d.items.back().values = trim(join(t, i + 1, stop));
      i = previous(t, stop);
    } else if (x == "=" || x == "(") {
      refuse(t[i].line, "a scratchpad declaration takes no initialiser and no parentheses: its content is undefined at the start");
    } else if (x == "[") {
      const size_t close = closing(t, i, "[", "]");
      if (in_type && name < t.size()) {
        d.items.push_back({t[name].text, "", ""});
        in_type = false;
      }
      d.items.back().extents += join(t, i, close + 1);
      i = close;
    } else if (x == ",") {
      if (in_type) d.items.push_back({t[name].text, "", ""});
      name = next(t, i);
      d.items.push_back({t[name].text, "", ""});
      in_type = false;
      i = name;
    } else if (x == "static" || x == "volatile") {
      continue;
    } else {
      if (name < t.size()) d.base += (d.base.empty() ? "" : " ") + t[name].text;
      name = i;
    }
  }
  if (in_type && name < t.size()) d.items.push_back({t[name].text, "", ""});
  if (d.space.empty()) d.space = "local";
  return d;
}

// `local`: in a function, which is part of what tells objects apart.
std::string on_chip(const Declaration& d, const Declaration::Item& item, int line, bool local) {
  return "::twin::OnChip{\"" + d.space + "\", " + quoted(item.name) + ", " + std::to_string(d.align) + ", " + std::to_string(line) + ", " + (local ? "__PRETTY_FUNCTION__" : "\"\"") +
         (item.values.empty() ? "" : ", &twin_value_of_" + item.name) + "}";
}

std::string value_text(const Declaration& d, const Declaration::Item& item) {
  return item.values.empty() ? "" : "static const " + d.base + " twin_value_of_" + item.name + item.extents + " = " + item.values + "; ";
}

// Kunlun: held for its scope, and then a reference into the chip's memory, of extents that need be no constants.
std::string held_text(const Declaration& d, const Declaration::Item& item, int line) {
  const std::string held = "twin_held_" + item.name, values = "twin_values_" + item.name;
  const std::string align = d.align ? std::to_string(d.align) : "alignof(" + d.base + ")";
  const std::string bytes = item.values.empty() ? d.base + item.extents : values;
  const std::string made = "::twin::Held " + held + "(\"" + d.space + "\", \"" + item.name + "\", sizeof(" + bytes + "), " + align + ", " +
                           std::to_string(line) + ", __PRETTY_FUNCTION__";
  if (!item.values.empty())
    return d.base + " " + values + item.extents + " = " + item.values + "; " + made + ", &" + values + "); decltype(" + values + ") &" + item.name +
           " = *(decltype(" + values + ") *)" + held + ".p;";
  if (item.extents.empty()) return made + "); " + d.base + " &" + item.name + " = *(" + d.base + " *)" + held + ".p;";
  return made + "); " + d.base + " (&" + item.name + ")" + item.extents + " = *(" + d.base + " (*)" + item.extents + ")" + held + ".p;";
}

std::string local_text(const Declaration& d, int line) {
  std::string out;
  for (const auto& item : d.items)
    if (kunlun)
      out += (out.empty() ? "" : " ") + held_text(d, item, line);
    else
      out += (out.empty() ? "" : " ") + value_text(d, item) + d.base + (item.extents.empty() ? " &" + item.name : " (&" + item.name + ")" + item.extents) + " = " + on_chip(d, item, line, true) + ";";
  return out;
}

std::map<std::string, std::string> macros;  // of objects at file scope, with what stands for them

std::string file_scope_text(const Declaration& d, int line, int lines) {
  std::string out;
  for (const auto& item : d.items) {
    const std::string type = "twin_type_of_" + item.name;
    const std::string object =
        kunlun ? "*static_cast<" + type + "*>(::twin::chip_object(\"" + d.space + "\", \"" + item.name + "\", sizeof(" + type + "), " +
                     (d.align ? std::to_string(d.align) : "alignof(" + type + ")") + ", " + std::to_string(line) + ", \"\"))"
               : "static_cast<" + type + "&>(" + on_chip(d, item, line, false) + ")";
    out += value_text(d, item) + "typedef " + d.base + " " + type + item.extents + ";\n#define " + item.name + " (" + object + ")\n";
    macros[item.name] = "(" + object + ")";
  }
  return out + "#line " + std::to_string(line + lines) + " \"" + input_path + "\"\n";
}

// Whether the token names a parameter, in a list of them: a type stands before it.
bool names_parameter(const Tokens& t, size_t name) {
  const std::string after = next(t, name) < t.size() ? t[next(t, name)].text : "";
  if (after != "," && after != ")" && after != "[" && after != "=") return false;
  size_t type = previous(t, name);
  while (type < t.size() && (t[type].text == "*" || t[type].text == "&" || t[type].text == "const")) type = previous(t, type);
  return type < t.size() && (t[type].kind == Token::word || t[type].text == ">");
}

// A function's parameter of an object's name hides it: the macro is away from the list to the function's end.
void hide_by_parameters(Tokens& t) {
  for (size_t open = 0; open < t.size(); open++) {
    if (t[open].text != "(") continue;
    const size_t close = closing_if_any(t, open, "(", ")");
    size_t after = next(t, close);
    while (after < t.size() && t[after].kind == Token::word) after = next(t, after);
    if (after >= t.size() || (t[after].text != "{" && t[after].text != ";")) continue;
    const size_t end = t[after].text == ";" ? after : closing_if_any(t, after, "{", "}");
    if (end >= t.size()) return;
    std::set<std::string> hidden;
    for (size_t i = open + 1; i < close; i++)
      if (t[i].kind == Token::word && macros.count(t[i].text) && names_parameter(t, i)) hidden.insert(t[i].text);
    for (const std::string& name : hidden) {
      t[open].text = "\n#undef " + name + "\n#line " + std::to_string(t[open].line) + " \"" + input_path + "\"\n" + t[open].text;
      t[end].text += "\n#define " + name + " " + macros[name] + "\n#line " + std::to_string(t[end].line) + " \"" + input_path + "\"\n";
    }
    open = end;
  }
}

void rewrite_declaration(Tokens& t, size_t at) {
  const Scope scope = scope_of(t, at);
  size_t begin = at;
  for (size_t p = previous(t, at); p < t.size(); p = previous(t, p)) {
    if (t[p].kind == Token::literal || std::string(";{}(,").find(t[p].text) != std::string::npos) break;
    begin = p;
  }
  size_t end = at;
  for (; end < t.size() && t[end].text != ";" && !(scope.parens > 0 && t[end].text == ")"); end++) {
    if (t[end].text != "{") continue;
    // Braces behind an equals sign are an initialiser's.
    if (t[previous(t, end)].text != "=") break;
    end = closing(t, end, "{", "}");
  }
  const bool is_object = scope.parens == 0 && end < t.size() && t[end].text == ";";
  const Declaration d = is_object ? read_declaration(t, begin, end) : Declaration{};
  if (!is_object || d.pointer || t[begin].text == "extern") {
    t[at] = {Token::space, "", t[at].line};
    return;
  }
  const int line = t[at].line;
  int lines = 0;
  for (size_t i = begin; i <= end; i++)
    for (const char c : t[i].text) lines += c == '\n';
  const std::string text = scope.braces > 0 ? local_text(d, line) + std::string(lines, '\n') : file_scope_text(d, line, lines);
  replace(t, begin, end, text, line);
}

// ---- MLU functions and assembly -----------------------------------------------------------------------------------------

const std::set<std::string> function_words = {"__mlu_func__", "__mlu_device__", "__mlu_global__", "__mlu_entry__"};

// Of the declaration that token i stands in: whether a word is part of it before its parameter list.
bool declared_with(const Tokens& t, size_t i, const std::string& word) {
  for (size_t p = previous(t, i); p < t.size() && std::string(";{}").find(t[p].text) == std::string::npos; p = previous(t, p))
    if (t[p].text == word) return true;
  for (size_t n = next(t, i); n < t.size() && std::string("({;").find(t[n].text) == std::string::npos; n = next(t, n))
    if (t[n].text == word) return true;
  return false;
}

// The macros of bang.h make such functions static, as one file's are, which some places do not take.
void rewrite_function_word(Tokens& t, size_t i) {
  const size_t p = previous(t, i);
  const bool specialises = p < t.size() && t[p].text == ">" && t[previous(t, p)].text == "<";
  const bool instantiates = p < t.size() && t[p].text == "template";
  const bool exported = declared_with(t, i, "extern") || declared_with(t, i, "static");
  if (!specialises && !instantiates && !exported) return;
  t[i] = {Token::word, instantiates || declared_with(t, i, "inline") ? "" : "inline", t[i].line};
}

// asm volatile("sync;") in its spellings. Other assembly has no meaning here, which is said when a kernel comes to it: much of it stands
// in helpers and branches that a kernel does without.
void rewrite_wait(Tokens& t, size_t i) {
  size_t open = next(t, i);
  while (open < t.size() && (t[open].text == "volatile" || t[open].text == "__volatile__")) open = next(t, open);
  if (open >= t.size() || t[open].text != "(") return;
  const size_t end = closing(t, open, "(", ")"), text = next(t, open);
  std::string code = t[text].text;
  for (const char* part : {"\"", "\\n", "\\t", ";", " "})
    for (size_t at = code.find(part); at != std::string::npos; at = code.find(part)) code.erase(at, strlen(part));
  int lines = 0;
  for (size_t k = i; k <= end; k++)
    for (const char c : t[k].text) lines += c == '\n';
  replace(t, i, end, (code == "sync" ? "__sync()" : "::twin::unknown_assembly(" + t[text].text + ")") + std::string(lines, '\n'), t[i].line);
}

// ---- Kunlun functions -----------------------------------------------------------------------------------------------

struct Function {
  size_t open, close;  // its parameter list
  size_t begin, end;   // its body's braces
  bool device;         // __device__, not __global__
};

// The first of what may stand between a parameter list and its body: `const`, `noexcept`, attributes.
size_t body_of(const Tokens& t, size_t close) {
  size_t at = next(t, close);
  while (at < t.size() && (t[at].text == "const" || t[at].text == "noexcept" || t[at].text == "__attribute__"))
    at = t[at].text == "__attribute__" ? next(t, closing(t, next(t, at), "(", ")")) : next(t, at);
  return at;
}

// `__global__`, `__device__`, or the attributes that they stand for.
bool is_device_word(const Tokens& t, size_t i) {
  if (t[i].text == "__global__" || t[i].text == "__device__") return true;
  const size_t before = previous(t, i);
  return (t[i].text == "global" || t[i].text == "device") && before < t.size() && t[before].text == "(" && previous(t, before) < t.size() &&
         t[previous(t, before)].text == "(";
}

// The functions with a body that the device runs.
std::vector<Function> device_functions(const Tokens& t) {
  std::vector<Function> out;
  for (size_t i = 0; i < t.size(); i++) {
    if (t[i].kind != Token::word || !is_device_word(t, i)) continue;
    size_t open = i;
    const auto to_list = [&] {
      while (open < t.size() && t[open].text != "(" && t[open].text != ";" && t[open].text != "{") open++;
    };
    if (t[i].text[0] != '_')
      for (int left = 2; left > 0; open++) left -= t[open].text == ")";
    to_list();
    // __attribute__((...)) takes a list of its own, and so does operator().
    while (open < t.size() && t[open].text == "(" && (t[previous(t, open)].text == "__attribute__" || t[previous(t, open)].text == "operator")) {
      open = closing(t, open, "(", ")") + 1;
      to_list();
    }
    if (open >= t.size() || t[open].text != "(") continue;
    const size_t close = closing(t, open, "(", ")");
    const size_t body = body_of(t, close);
    if (body >= t.size() || t[body].text != "{") continue;
    if (!out.empty() && out.back().begin == body) continue;
    out.push_back({open, close, body, closing(t, body, "{", "}"), t[i].text.find("device") != std::string::npos});
  }
  return out;
}

const std::set<std::string> register_types = {"float32x16_t", "int32x16_t", "uint32x16_t", "float16x32_t", "bfloat16x32_t", "int16x32_t", "int8x64_t"};

// `float x[64];` of a function's body, unless it is a table of constants or an array of registers.
bool is_plain_array(const Tokens& t, size_t first, size_t end) {
  static const std::set<std::string> others = {"return", "else", "delete", "throw", "goto", "case", "typedef", "using", "new", "static", "constexpr", "extern", "do", "template"};
  size_t name = t.size(), type = t.size();
  bool constant = false;
  size_t i = first;
  for (; i < end && (t[i].kind == Token::word || t[i].text == "::"); i = next(t, i)) {
    if (others.count(t[i].text)) return false;
    constant = constant || t[i].text == "const";
    type = name;
    name = i;
  }
  if (type >= t.size() || i >= end || t[i].text != "[" || t[type].text == "::" || register_types.count(t[type].text)) return false;
  const size_t close = closing(t, i, "[", "]");
  const size_t after = next(t, close);
  return !constant || (after < t.size() && t[after].text == ";");
}

void rewrite_plain_arrays(Tokens& t, const Function& f) {
  for (size_t i = f.begin; i < f.end; i = next(t, i)) {
    const bool rewritten = t[i].kind == Token::literal && t[i].text.find("twin_held_") != std::string::npos;
    if (!rewritten && t[i].text != "{" && t[i].text != ";" && t[i].text != "}") continue;
    const size_t first = next(t, i);
    size_t end = first;
    while (end < f.end && t[end].text != ";") end++;
    if (first < f.end && t[first].kind == Token::word && is_plain_array(t, first, end)) rewrite_declaration(t, first);
  }
}

// The tokens without blanks and comments between them.
std::string code(const Tokens& t, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to; i++) out += t[i].kind == Token::space ? " " : t[i].text;
  return out;
}

// What each pointer of the parameter list must not point to.
std::string pointer_checks(const Tokens& t, const Function& f) {
  std::string out;
  for (size_t from = f.open + 1, i = from; i <= f.close; i++) {
    if (t[i].text == "(" || t[i].text == "[" || t[i].text == "<") i = closing(t, i, t[i].text, t[i].text == "(" ? ")" : t[i].text == "[" ? "]" : ">");
    if (t[i].text != "," && i != f.close) continue;
    const std::string type = code(t, from, i);
    const size_t name = previous(t, i);
    const bool pointer = std::count(type.begin(), type.end(), '*') == 1 && type.find_first_of("&=(") == std::string::npos;
    if (pointer && name > f.open && t[name].kind == Token::word) {
      const bool global = type.find("global_ptr") != std::string::npos || !f.device, shared = type.find("shared_ptr") != std::string::npos;
      const std::string check = shared ? "shared_pointer" : global ? "global_pointer" : "local_pointer";
      out += " ::twin::xpu::" + check + "(" + t[name].text + ", \"" + t[name].text + "\", " + std::to_string(t[name].line) + ");";
    }
    from = i + 1;
  }
  return out;
}

// ---- Kunlun: what else is not C++ -------------------------------------------------------------------------------------

// `alignas(64)` and `__attribute__((aligned(64)))` of a declaration ask for what __simd__ does.
void rewrite_alignments(Tokens& t) {
  for (size_t i = 0; i < t.size(); i++) {
    if (t[i].text != "alignas" && t[i].text != "__attribute__") continue;
    const size_t open = next(t, i);
    if (open >= t.size() || t[open].text != "(") continue;
    const size_t close = closing(t, open, "(", ")");
    const std::string inside = join(t, open, close + 1);
    if (inside != "(64)" && inside != "((aligned(64)))" && inside != "(128)" && inside != "((aligned(128)))") continue;
    const int line = t[i].line;
    for (size_t k = i; k <= close; k++) t[k] = {Token::space, "", t[k].line};
    t[i] = {Token::word, "__simd__", line};
  }
}

// reinterpret_cast<uint32x16_t>(v): the same bits.
void rewrite_cast(Tokens& t, size_t at) {
  const size_t open = next(t, at), type = next(t, open), close = next(t, type);
  if (close >= t.size() || t[open].text != "<" || t[close].text != ">" || !register_types.count(t[type].text)) return;
  t[at].text = "::twin::xpu::bits_as";
}

// __asm__("..." : outputs : inputs : clobbers).
void rewrite_assembly(Tokens& t, size_t at) {
  size_t open = next(t, at);
  while (open < t.size() && t[open].kind == Token::word) open = next(t, open);
  if (open >= t.size() || t[open].text != "(") return;
  const size_t close = closing(t, open, "(", ")");
  std::string text, operands;
  int part = 0;
  for (size_t i = open + 1, from = i; i <= close; i++) {
    if (t[i].text == "(" || t[i].text == "[") i = closing(t, i, t[i].text, t[i].text == "(" ? ")" : "]");
    const bool colon = t[i].text == ":" || t[i].text == "::";
    if (!colon && t[i].text != "," && i != close) continue;
    const size_t first = next(t, from - 1);
    if (part == 0) {
      text = trim(join(t, from, i));
    } else if (part < 3 && first < i) {
      const size_t value = next(t, first);
      if (t[first].kind != Token::literal || t[value].text != "(") refuse(t[first].line, "an operand of inline assembly is a constraint and a value in parentheses");
      operands += (operands.empty() ? "" : ", ") + std::string(part == 1 ? "::twin::xpu::out(" : "::twin::xpu::in(") + t[first].text + ", " +
                  join(t, value + 1, closing(t, value, "(", ")")) + ")";
    }
    part += colon ? (int)t[i].text.size() : 0;
    from = i + 1;
  }
  const int line = t[at].line;
  int lines = 0;
  for (size_t i = at; i <= close; i++)
    for (const char c : t[i].text) lines += c == '\n';
  for (const char c : text + operands) lines -= c == '\n';
  replace(t, at, close, "::twin::xpu::assembly(" + std::to_string(line) + ", " + text + ", {" + operands + "})" + std::string(std::max(lines, 0), '\n'), line);
}

// ---- Ascend launch headers -----------------------------------------------------------------------------------------

struct Kernel {
  std::string name;
  std::vector<std::pair<std::string, std::string>> parameters;  // type, name
};

Kernel read_kernel(const Tokens& t, size_t global) {
  size_t open = global;
  while (open < t.size() && t[open].text != "(") open++;
  // __mix__(1, 2) and its kin take arguments of their own; the parameter list is the last one before the body.
  size_t close = closing(t, open, "(", ")");
  while (next(t, close) < t.size() && t[next(t, close)].text != "{" && t[next(t, close)].text != ";") {
    open = next(t, close);
    while (open < t.size() && t[open].text != "(") open++;
    close = closing(t, open, "(", ")");
  }
  Kernel k{t[previous(t, open)].text, {}};
  for (size_t from = open + 1, i = from; i <= close; i++) {
    if (t[i].text != "," && i != close) continue;
    const size_t name = previous(t, i);
    if (name > open && name < i && t[name].kind == Token::word) k.parameters.push_back({trim(join(t, from, name)), t[name].text});
    from = i + 1;
  }
  return k;
}

std::string launch_signature(const Kernel& k) {
  std::string out = "extern \"C\" uint32_t aclrtlaunch_" + k.name + "(uint32_t numBlocks, void* stream";
  for (const auto& [type, name] : k.parameters) {
    const bool pointer = type.find("GM_ADDR") != std::string::npos || type.find('*') != std::string::npos;
    out += ", " + (pointer ? "void*" : type) + " " + name;
  }
  return out + ")";
}

std::string launch_wrapper(const Kernel& k) {
  std::string arguments;
  for (const auto& [type, name] : k.parameters) arguments += (arguments.empty() ? "" : ", ") + ("(" + type + ")" + name);
  return launch_signature(k) + " {\n  return ::twin::start(\"" + k.name + "\", [=] { " + k.name + "(" + arguments + "); }, numBlocks, stream);\n}\n";
}

std::string launch_header(const Kernel& k) {
  return "// What the vendor's kernel project generates beside a kernel.\n#pragma once\n#include <stdint.h>\n\n"
         "#ifndef ACLRT_LAUNCH_KERNEL\n#define ACLRT_LAUNCH_KERNEL(kernel_func) aclrtlaunch_##kernel_func\n#endif\n\n" +
         launch_signature(k) + ";\n";
}

// The kernels this file defines, launchable from a host file: extern "C" __global__.
std::vector<Kernel> kernels_of(const Tokens& t) {
  std::vector<Kernel> out;
  for (size_t i = 0; i < t.size(); i++)
    if (t[i].text == "__global__") out.push_back(read_kernel(t, i));
  return out;
}

// ---- the tool -------------------------------------------------------------------------------------------------------

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    std::cerr << "prepare: cannot read " << path << "\n";
    exit(1);
  }
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) {
    std::cerr << "prepare: cannot write " << path << "\n";
    exit(1);
  }
}

// The MLU architecture a file says it is built for, as the definition its compiler would make; "" when it says none.
std::string architecture(const std::string& text) {
  const std::string option = "--bang-mlu-arch=mtp_";
  const size_t at = text.find(option);
  if (!bang || at == std::string::npos) return "";
  const std::string digits = text.substr(at + option.size(), 3);
  return "#undef __BANG_ARCH__\n#define __BANG_ARCH__ " + digits + "\n";
}

// The same for XPU: "--xpu-arch=xpu2".
std::string xpu_architecture(const std::string& text) {
  const std::string option = "--xpu-arch=xpu";
  const size_t at = text.find(option);
  if (!kunlun || at == std::string::npos) return "";
  const std::string digit = text.substr(at + option.size(), 1);
  return "#undef __XPU2__\n#undef __XPU3__\n#define __XPU" + digit + "__ 1\n";
}

// The chip an Ascend kernel says it is built for, which the twin holds it to; "" when it says none.
std::string soc_version(const std::string& text) {
  const std::string option = "-DSOC_VERSION=";
  const size_t at = text.find(option), from = at + option.size();
  if (at == std::string::npos) return "";
  size_t to = from;
  while (to < text.size() && starts_word(text[to])) to++;
  return "#undef PORTOLAN_CHIP\n#define PORTOLAN_CHIP \"" + text.substr(from, to - from) + "\"\n";
}

// A .mlu file has bang.h without asking for it.
std::string implicit_header() { return bang ? "#include <bang.h>\n" : ""; }

// memcpy and memset are no accesses to a compiler: the twin has its own.
void rewrite_bytes(Tokens& t, size_t at) {
  static const std::map<std::string, std::string> own = {{"memcpy", "copied"}, {"memmove", "copied"}, {"memset", "set"},
                                                         {"__builtin_memcpy", "copied"}, {"__builtin_memmove", "copied"}, {"__builtin_memset", "set"}};
  const auto found = own.find(t[at].text);
  if (found != own.end()) t[at].text = "::twin::xpu::bytes_" + found->second;
}

// What stands in code, or in a macro's body.
void rewrite_tokens(Tokens& t) {
  if (kunlun) rewrite_alignments(t);
  for (size_t i = 0; i < t.size(); i++) {
    if (t[i].text == "<<<") rewrite_launch(t, i);
    if (t[i].kind != Token::word) continue;
    if (qualifiers.count(t[i].text) || (kunlun && t[i].text == "__simd__")) rewrite_declaration(t, i);
    if (kunlun && t[i].text == "reinterpret_cast") rewrite_cast(t, i);
    if (bang && function_words.count(t[i].text)) rewrite_function_word(t, i);
    if (bang && (t[i].text == "__asm__" || t[i].text == "asm" || t[i].text == "__asm")) rewrite_wait(t, i);
    if (kunlun && (t[i].text == "__asm__" || t[i].text == "asm" || t[i].text == "__asm")) rewrite_assembly(t, i);
  }
}

// #define NAME(parameters) body: the body is a function's; its lines stay one line.
std::string rewritten_macro(const std::string& text, int line) {
  size_t at = text.find("define") + 6;
  while (at < text.size() && isspace((unsigned char)text[at])) at++;
  while (at < text.size() && starts_word(text[at])) at++;
  const size_t list = at;
  if (at < text.size() && text[at] == '(') at = text.find(')', at) + 1;
  for (const Token& token : tokenize(text.substr(list, at - list)))
    if (token.kind == Token::word) macro_parameters.insert(token.text);
  Tokens body = tokenize("{" + text.substr(at) + "}");
  for (Token& token : body) token.line += line - 1;
  rewrite_tokens(body);
  macro_parameters.clear();
  const std::string code = join(body, 0, body.size());
  std::string out = text.substr(0, at);
  for (size_t i = 1; i + 1 < code.size(); i++) {
    if (code[i] == '\n' && code[i - 1] != '\\') out += '\\';
    out += code[i];
  }
  return out;
}

int header_depth = 0;
std::vector<std::string> include_folders;  // of -I, for headers with code of the device
std::string rewritten(const std::string& source);

// One name for one file, which "a.h" and "./a.h" both are.
std::string without_detours(std::string path) {
  for (size_t at; (at = path.find("/./")) != std::string::npos;) path.erase(at, 2);
  return path.compare(0, 2, "./") == 0 ? path.substr(2) : path;
}

// The text of a header that lies beside the file and holds code of the device, rewritten in the file's place.
std::string rewritten_header(const std::string& name, const std::string& directive, int line) {
  static std::set<std::string> once;
  const std::string includer = input_path, folder = includer.substr(0, includer.find_last_of('/') + 1);
  std::string path = name[0] == '/' ? name : folder + name;
  for (size_t i = 0; i < include_folders.size() && !std::ifstream(path); i++) path = include_folders[i] + "/" + name;
  path = without_detours(path);
  std::ifstream in(path, std::ios::binary);
  if (!in || header_depth > 50) return directive;
  if (once.count(path)) return "";
  std::stringstream text;
  text << in.rdbuf();
  if (text.str().find("#pragma once") != std::string::npos) once.insert(path);
  header_depth++;
  input_path = path;
  const std::string out = rewritten(text.str());
  input_path = includer;
  header_depth--;
  return out + "#line " + std::to_string(line + 1) + " \"" + includer + "\"";
}

// The preprocessor's lines among blanks and comments.
std::string rewritten_directives(const Token& token) {
  const std::string& s = token.text;
  std::string out;
  int line = token.line;
  bool line_start = true;
  for (size_t at = 0; at < s.size();) {
    size_t end = at + 1;
    if (s.compare(at, 2, "//") == 0)
      end = std::min(s.find('\n', at), s.size());
    else if (s.compare(at, 2, "/*") == 0)
      end = s.find("*/", at + 2) == std::string::npos ? s.size() : s.find("*/", at + 2) + 2;
    else if (line_start && s[at] == '#')
      end = end_of_directive(s, at);
    std::string part = s.substr(at, end - at);
    if (line_start && s[at] == '#') {
      const size_t word = part.find_first_not_of("# \t");
      const size_t quote = part.find('"'), last = part.find('"', quote + 1);
      if (word != std::string::npos && part.compare(word, 6, "define") == 0) part = rewritten_macro(part, line);
      else if (header_depth > 0 && trim(part) == "#pragma once") part = "";
      else if (word != std::string::npos && part.compare(word, 7, "include") == 0 && last != std::string::npos)
        part = rewritten_header(part.substr(quote + 1, last - quote - 1), part, line);
    }
    line_start = s[at] == '\n' || (line_start && isspace((unsigned char)s[at]));
    for (size_t i = at; i < end; i++) line += s[i] == '\n';
    out += part;
    at = end;
  }
  return out;
}

std::string rewritten(const std::string& source) {
  Tokens t = tokenize(source);
  const std::vector<Function> functions = kunlun ? device_functions(t) : std::vector<Function>();
  rewrite_tokens(t);
  for (const Function& f : functions) {
    for (size_t i = f.begin; i < f.end; i++)
      if (t[i].kind == Token::word && t[previous(t, i)].text != "::") rewrite_bytes(t, i);
    rewrite_plain_arrays(t, f);
    t[f.begin].text += pointer_checks(t, f);
  }
  if (kunlun || bang)
    for (Token& token : t)
      if (token.kind == Token::space && token.text.find('#') != std::string::npos) token.text = rewritten_directives(token);
  if (kunlun || bang) hide_by_parameters(t);
  std::string out = "#line 1 \"" + input_path + "\"\n" + join(t, 0, t.size());
  if (!out.empty() && out.back() != '\n') out += "\n";
  if (header_depth == 0)
    for (const auto& macro : macros) out += "#undef " + macro.first + "\n";
  return out;
}

void write_launch_headers(const std::vector<Kernel>& kernels, const std::vector<std::string>& paths) {
  std::map<std::string, Kernel> by_header;
  for (const auto& k : kernels) by_header["aclrtlaunch_" + k.name + ".h"] = k;
  for (const auto& path : paths) {
    const auto found = by_header.find(path.substr(path.find_last_of('/') + 1));
    if (found == by_header.end()) refuse(1, "no extern \"C\" __global__ kernel for " + path);
    write_file(path, launch_header(found->second));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const bool known = args.size() >= 3 && (args[0] == "bang" || args[0] == "kunlun" || args[0] == "cann");
  if (!known) {
    std::cerr << "usage: prepare bang|kunlun|cann IN OUT [aclrtlaunch_<kernel>.h ... | -IFOLDER ...]\n";
    return 2;
  }
  input_path = args[1];
  kunlun = args[0] == "kunlun";
  bang = args[0] == "bang";
  for (size_t i = 3; (kunlun || bang) && i < args.size(); i++) include_folders.push_back(args[i].substr(2));
  const std::string source = read_file(input_path);
  const Tokens tokens = tokenize(source);
  std::string text = architecture(source) + implicit_header() + xpu_architecture(source) + (args[0] == "cann" ? soc_version(source) : "") +
                     (kunlun && source.find("<<<") != std::string::npos ? "#include \"twin/xpu.h\"\n" : "") + rewritten(source);
  if (args[0] == "cann") {
    const auto kernels = kernels_of(tokens);
    for (const auto& k : kernels) text += launch_wrapper(k);
    write_launch_headers(kernels, {args.begin() + 3, args.end()});
  }
  write_file(args[2], text);
  return 0;
}
