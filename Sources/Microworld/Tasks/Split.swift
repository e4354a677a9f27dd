import Randomness

/// The parts of a task. Training examples do without the held-out words; the others use the whole lexicon.
public enum Split: String, Sendable, Hashable, CaseIterable {
  /// The raw value is part of the files' names, and of the key that examples are drawn with.
  case train, validation, test

  var includesHeldOut: Bool { self != .train }
}

extension RandomKey {
  /// Which of `count` classes example `index` has: every block of `count` examples has each class once, in
  /// random order, so that classes are balanced and yet the index tells nothing.
  func balancedClass(_ index: Int, of count: Int) -> Int {
    var random = folded("classes").folded(index / count).generator()
    return random.permutation(count)[index % count]
  }
}
