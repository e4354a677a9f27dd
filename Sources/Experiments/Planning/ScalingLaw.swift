import Foundation
import Support

/// How the held-out loss of a recipe falls with the size of its model and with the text that it reads:
///
///     L(N, D, U) = E + A / N^α + B / D'^β,   D' = U + U R (1 − exp(−(D / U − 1) / R)) where D > U, else D
///
/// in bits per byte, with N parameters in blocks and output layer, D bytes of text read and U of them different
/// (Hoffmann et al. 2022, their third approach; repeated text by Muennighoff et al. 2023, their equation 5). Text is
/// counted in bytes, so that runs with different tokenizers lie on one law.
public struct ScalingLaw: Sendable, Codable, Hashable {
  /// A term that falls as a power.
  public struct Power: Sendable, Codable, Hashable {
    /// The term in bits per byte where its quantity is `reference`.
    public var value: Double
    /// Parameters, or bytes.
    public var reference: Double
    public var exponent: Double

    public init(value: Double, reference: Double, exponent: Double) {
      (self.value, self.reference, self.exponent) = (value, reference, exponent)
    }

    func callAsFunction(_ quantity: Double) -> Double { value * pow(quantity / reference, -exponent) }
  }

  /// E: what no size and no text would take away.
  public var irreducible: Double
  /// A / N^α.
  public var size: Power
  /// B / D'^β.
  public var text: Power
  /// R: after how many repetitions reading the text again is worth 1/e of reading other text. Nil where no run that the
  /// law was fitted to read its text twice; repeated text then counts as other text.
  public var repetitions: Double?

  public init(irreducible: Double, size: Power, text: Power, repetitions: Double?) {
    (self.irreducible, self.size, self.text, self.repetitions) = (irreducible, size, text, repetitions)
  }

  /// - Parameters:
  ///   - parameters: in blocks and output layer, at least 1.
  ///   - bytes: of text that are read, at least 1.
  ///   - distinct: bytes of them that are different.
  /// - Returns: bits per byte.
  public func loss(parameters: Double, bytes: Double, distinct: Double) -> Double {
    irreducible + size(parameters) + text(effective(bytes: bytes, distinct: distinct))
  }

  /// The bytes of text read once that would do as much.
  func effective(bytes: Double, distinct: Double) -> Double {
    guard let repetitions, bytes > distinct else { return bytes }
    return Self.effective(bytes: bytes, distinct: distinct, repetitions: repetitions)
  }

  static func effective(bytes: Double, distinct: Double, repetitions: Double) -> Double {
    guard bytes > distinct else { return bytes }
    return distinct + distinct * repetitions * (1 - exp(-(bytes / distinct - 1) / repetitions))
  }
}

/// A law with what it was fitted to: the file that `graft scaling-law --output` writes.
public struct FittedScalingLaw: Sendable, Codable, Hashable, KindedFile {
  public static let kind = FileKind.scalingLaw

  public var law: ScalingLaw
  /// Laws of runs drawn with replacement from those it was fitted to, for intervals.
  public var resampled: [ScalingLaw]
  /// The root mean square of (loss − law) / law over the runs.
  public var relativeError: Double
  /// The runs that it was fitted to.
  public var runs: [ScalingPoint]

  /// A loss in bits per byte and its 95 % interval: over draws of the runs, and over what single runs differ from the
  /// law by.
  public struct Prediction: Sendable, Hashable {
    public var loss: Double
    public var interval: ClosedRange<Double>
  }

  /// As `ScalingLaw.loss`.
  public func predict(parameters: Double, bytes: Double, distinct: Double) -> Prediction {
    let loss = law.loss(parameters: parameters, bytes: bytes, distinct: distinct)
    let draws = resampled.map { $0.loss(parameters: parameters, bytes: bytes, distinct: distinct) }.sorted()
    let own = 1.96 * relativeError * loss
    let (low, high) = (Self.quantile(draws, 0.025) ?? loss, Self.quantile(draws, 0.975) ?? loss)
    let below = hypot(max(0, loss - low), own)
    let above = hypot(max(0, high - loss), own)
    return Prediction(loss: loss, interval: (loss - below)...(loss + above))
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double? {
    guard !sorted.isEmpty else { return nil }
    let place = share * Double(sorted.count - 1)
    let lower = Int(place)
    let upper = min(lower + 1, sorted.count - 1)
    return sorted[lower] + (place - Double(lower)) * (sorted[upper] - sorted[lower])
  }
}
