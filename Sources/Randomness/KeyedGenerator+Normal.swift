import Foundation

extension KeyedGenerator {
  /// Two independent standard normal values (Box & Muller 1958).
  public mutating func normalPair() -> (Double, Double) {
    // 1 - uniform lies in (0, 1], where the logarithm is finite.
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * cos(angle), radius * sin(angle))
  }
}
