import Foundation
import Randomness

/// Texts in which a letter must be said again after some digits: `K4071=K`.
public struct CopyLanguage: Sendable, Hashable {
  /// The letters that are copied, each equally frequent.
  public static let letters = "ABCDEFGHIJKLMNOP".map { String($0) }

  /// How many digits stand between at most.
  public var longest: Int

  /// - Precondition: `longest` is at least 1.
  public init(longest: Int) {
    precondition(longest >= 1, "a distance of \(longest)")
    self.longest = longest
  }

  /// What is read before the letter comes again, and which it is.
  /// - Parameter distance: how many digits stand between.
  public static func prompt(_ index: Int, distance: Int, key: RandomKey) -> (text: String, letter: Int) {
    var generator = key.folded("copy").folded(distance).folded(index).generator()
    let letter = generator.below(letters.count)
    let digits = (0..<distance).map { _ in "\(generator.below(10))" }.joined()
    return (letters[letter] + digits + "=", letter)
  }

  /// Text number `index`: its distance is drawn evenly on a logarithmic scale, so that no size of it is rare.
  public func text(_ index: Int, key: RandomKey) -> String {
    var generator = key.folded("distance").folded(index).generator()
    var distance = 1
    let drawn = generator.uniform()
    while distance < longest, Self.share(distance, of: longest) <= drawn { distance += 1 }
    let (prompt, letter) = Self.prompt(index, distance: distance, key: key)
    return prompt + Self.letters[letter]
  }

  /// Of how many texts the distance is at most this.
  private static func share(_ distance: Int, of longest: Int) -> Double {
    log(Double(distance + 1)) / log(Double(longest + 1))
  }
}
