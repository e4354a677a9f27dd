import Randomness
import Records
import Support

/// Which tokens noise hits, and what becomes of a text then (Raffel et al. 2020, section 3.3, and the reference's
/// preprocessors). In the worked examples noise hits c, d and g of [a b c d e f g h]; S0, S1 … are sentinels.
enum Corruption {
  /// Each token by itself with probability `density`; at least one token is hit and one is not.
  /// - Precondition: at least two tokens.
  static func independentMask(count: Int, density: Double, _ random: inout KeyedGenerator) -> [Bool] {
    var mask = (0..<count).map { _ in random.uniform() < density }
    if !mask.contains(true) { mask[random.below(count)] = true }
    if !mask.contains(false) { mask[random.below(count)] = false }
    return mask
  }

  /// The mask without its runs beyond the first `most`.
  static func limited(_ mask: [Bool], toRuns most: Int) -> [Bool] {
    var runs = 0
    return mask.indices.map { index in
      if mask[index], index == 0 || !mask[index - 1] { runs += 1 }
      return mask[index] && runs <= most
    }
  }

  /// Every run of noise becomes the next sentinel: [a b S0 e f S1 h].
  static func replacingRuns(_ tokens: [TokenID], _ mask: [Bool], _ sentinels: [TokenID]) -> [TokenID] {
    var result: [TokenID] = []
    result.reserveCapacity(tokens.count)
    var run = 0
    for index in tokens.indices {
      if !mask[index] {
        result.append(tokens[index])
      } else if index == 0 || !mask[index - 1] {
        result.append(sentinels[run])
        run += 1
      }
    }
    return result
  }

  /// Every run of noise behind its sentinel, and one sentinel more where the text goes on: [S0 c d S1 g S2]. Where a
  /// text begins with noise, the reference gives the targets' runs the numbers of other sentinels than the inputs';
  /// here they are always the same.
  static func runs(_ tokens: [TokenID], _ mask: [Bool], _ sentinels: [TokenID]) -> [TokenID] {
    var result: [TokenID] = []
    var run = 0
    for index in tokens.indices where mask[index] {
      if index == 0 || !mask[index - 1] {
        result.append(sentinels[run])
        run += 1
      }
      result.append(tokens[index])
    }
    if mask.last == false, run < sentinels.count { result.append(sentinels[run]) }
    return result
  }

  /// Every token of noise becomes `mask`: [a b M M e f M h].
  static func replacing(_ tokens: [TokenID], _ mask: [Bool], by token: TokenID) -> [TokenID] {
    tokens.indices.map { mask[$0] ? token : tokens[$0] }
  }

  /// The tokens that noise hits, [c d g], or those it does not, [a b e f h].
  static func keeping(noise: Bool, of tokens: [TokenID], _ mask: [Bool]) -> [TokenID] {
    tokens.indices.filter { mask[$0] == noise }.map { tokens[$0] }
  }

  static let density = ObjectiveParameter(
    "noise-density", "fraction of tokens that is corrupted", default: 0.15, in: 0.01...0.9)

  /// The token that stands for a hidden one.
  /// - Throws: `.usage` if the tokenizer has none.
  static func mask(of vocabulary: Vocabulary, for name: String) throws(GraftError) -> TokenID {
    guard let mask = vocabulary.mask else {
      throw GraftError(
        .usage, "the tokenizer has neither a mask nor sentinel tokens, which \(name) needs",
        hint: "train one with `graft tokenizer train --sentinels 100`.")
    }
    return mask
  }

  /// - Throws: `.usage` if the tokenizer has none.
  static func requireSentinels(_ vocabulary: Vocabulary, for name: String) throws(GraftError) {
    guard !vocabulary.sentinels.isEmpty else {
      throw GraftError(
        .usage, "the tokenizer has no sentinel tokens, which \(name) needs",
        hint: "train one with `graft tokenizer train --sentinels 100`.")
    }
  }
}
