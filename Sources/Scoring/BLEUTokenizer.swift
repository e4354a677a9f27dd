/// How BLEU cuts a sentence into words. The first two are those of the NIST scripts that sacreBLEU follows.
///
/// Worked example: `don't, 1,5€` is cut into `don't` `,` `1,5€` by 13a; `don` `'` `t` `,` `1,5` `€` by intl; and its
/// characters without the space by char.
public enum BLEUTokenizer: String, Sendable, Hashable, CaseIterable {
  /// mteval-v13a: ASCII punctuation, except a comma or period between digits.
  case mteval13a = "13a"
  /// mteval-v14: every Unicode punctuation mark and symbol.
  case international = "intl"
  /// Every character but white space, for languages that are written without spaces.
  case characters = "char"

  func words(_ sentence: String) -> [[Unicode.Scalar]] {
    var text = Array(sentence.unicodeScalars)
    while let last = text.last, last.isSeparator { text.removeLast() }
    switch self {
    case .mteval13a: return cut(split13a(text))
    case .international: return cut(splitInternational(text))
    case .characters: return text.filter { !$0.isSeparator }.map { [$0] }
    }
  }
}

extension Unicode.Scalar {
  /// White space as Python's `str.split` has it, which the reference implementation relies on.
  var isSeparator: Bool {
    value < 0x80
      ? value == 0x20 || (0x09...0x0d).contains(value) || (0x1c...0x1f).contains(value)
      : properties.isWhitespace
  }

  fileprivate var isASCIIDigit: Bool { (0x30...0x39).contains(value) }
  fileprivate var isPeriodOrComma: Bool { self == "." || self == "," }

  /// The ASCII marks 13a always sets apart: all but digits, letters and `'` `,` `-` `.`; the space is among
  /// them, without effect.
  fileprivate var isAlwaysApart: Bool {
    switch value {
    case 0x20...0x26, 0x28...0x2b, 0x2f, 0x3a...0x40, 0x5b...0x60, 0x7b...0x7e: true
    default: false
    }
  }

  fileprivate var isNumeral: Bool {
    switch properties.generalCategory {
    case .decimalNumber, .letterNumber, .otherNumber: true
    default: false
    }
  }

  fileprivate var isPunctuation: Bool {
    switch properties.generalCategory {
    case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
      .initialPunctuation, .finalPunctuation, .otherPunctuation:
      true
    default: false
    }
  }

  fileprivate var isSymbol: Bool {
    switch properties.generalCategory {
    case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: true
    default: false
    }
  }
}

private typealias Scalars = [Unicode.Scalar]

private func cut(_ text: Scalars) -> [[Unicode.Scalar]] {
  text.split(whereSeparator: \.isSeparator).map(Array.init)
}

private func split13a(_ sentence: Scalars) -> Scalars {
  var text = sentence
  text = replacing("<skipped>", by: "", in: text)
  text = replacing("-\n", by: "", in: text)
  text = replacing("\n", by: " ", in: text)
  if text.contains("&") {
    for (entity, character) in [("&quot;", "\""), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")] {
      text = replacing(entity, by: character, in: text)
    }
  }
  text = [" "] + text + [" "]
  text = surrounding(\.isAlwaysApart, in: text)
  // A match takes two characters, so that "..": after the first pair is taken, the second period has no
  // left neighbour any more. That is the reference's behaviour and part of the score.
  text = separating(in: text, { !$0.isASCIIDigit }, \.isPeriodOrComma, space: .aroundSecond)
  text = separating(in: text, \.isPeriodOrComma, { !$0.isASCIIDigit }, space: .aroundFirst)
  return separating(in: text, \.isASCIIDigit, { $0 == "-" }, space: .aroundSecond)
}

private func splitInternational(_ sentence: Scalars) -> Scalars {
  var text = sentence
  text = separating(in: text, { !$0.isNumeral }, \.isPunctuation, space: .aroundSecond)
  text = separating(in: text, \.isPunctuation, { !$0.isNumeral }, space: .aroundFirst)
  return surrounding(\.isSymbol, in: text)
}

private func surrounding(_ isMember: (Unicode.Scalar) -> Bool, in text: Scalars) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(text.count * 2)
  for scalar in text {
    if isMember(scalar) { result += [" ", scalar, " "] } else { result.append(scalar) }
  }
  return result
}

private enum Spacing { case aroundFirst, aroundSecond }

/// Sets one of two neighbours apart wherever the first and the second test hold; matches do not overlap.
private func separating(
  in text: Scalars, _ isFirst: (Unicode.Scalar) -> Bool, _ isSecond: (Unicode.Scalar) -> Bool,
  space: Spacing
) -> Scalars {
  var result = Scalars()
  result.reserveCapacity(text.count * 2)
  var index = 0
  while index < text.count {
    if index + 1 < text.count, isFirst(text[index]), isSecond(text[index + 1]) {
      switch space {
      case .aroundFirst: result += [" ", text[index], " ", text[index + 1]]
      case .aroundSecond: result += [text[index], " ", text[index + 1], " "]
      }
      index += 2
    } else {
      result.append(text[index])
      index += 1
    }
  }
  return result
}

private func replacing(_ pattern: String, by replacement: String, in text: Scalars) -> Scalars {
  let pattern = Array(pattern.unicodeScalars)
  let replacement = Array(replacement.unicodeScalars)
  var result = Scalars()
  result.reserveCapacity(text.count)
  var index = 0
  while index < text.count {
    if text[index] == pattern[0], text[index...].starts(with: pattern) {
      result += replacement
      index += pattern.count
    } else {
      result.append(text[index])
      index += 1
    }
  }
  return result
}
