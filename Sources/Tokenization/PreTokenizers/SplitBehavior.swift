/// What becomes of the matches that text is cut by.
///
/// Worked example: "the-final--countdown" by `-` is, in the order of the cases, `the` `final` `countdown`;
/// `the` `-` `final` `-` `-` `countdown`; `the-` `final-` `-` `countdown`; `the` `-final` `-` `-countdown`;
/// `the` `-` `final` `--` `countdown`.
enum SplitBehavior: String, Sendable, CaseIterable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// A part of a word: a match, or what is between two.
  struct Part {
    var range: Range<Int>
    var isMatch: Bool
  }

  /// Appends the words that a word's parts make. Empty ones are left out, but empty matches cut.
  func append(_ parts: [Part], to words: inout [Range<Int>]) {
    switch self {
    case .removed:
      for part in parts where !part.isMatch { words.append(part.range) }
    case .isolated:
      for part in parts where !part.range.isEmpty { words.append(part.range) }
    case .contiguous:
      append(parts, to: &words) { part, previous in part.isMatch == previous }
    case .mergedWithPrevious:
      append(parts, to: &words) { part, previous in part.isMatch && !previous }
    case .mergedWithNext:
      var reversed: [Range<Int>] = []
      append(parts.reversed(), to: &reversed) { part, previous in part.isMatch && !previous }
      words += reversed.reversed()
    }
  }

  /// - Parameter joins: whether a part goes with the one before, of which it is told whether it is a match.
  private func append(
    _ parts: some Sequence<Part>, to words: inout [Range<Int>], joins: (Part, _ previous: Bool) -> Bool
  ) {
    var (previous, current) = (false, Range<Int>?.none)
    for part in parts {
      if joins(part, previous), let last = current {
        current = min(last.lowerBound, part.range.lowerBound)..<max(last.upperBound, part.range.upperBound)
      } else {
        if let last = current, !last.isEmpty { words.append(last) }
        current = part.range
      }
      previous = part.isMatch
    }
    if let last = current, !last.isEmpty { words.append(last) }
  }
}
