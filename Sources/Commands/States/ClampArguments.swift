import ArgumentParser
import ModelKit
import Support

/// Units of a recurrent model's state that are held while it writes.
struct ClampArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Hold a unit of a recurrent model's state at a value from the text's last token on, such as 0:317=1.5, or \
      0.cell:317=1.5 for another part of the state than the one a layer hands on; can be repeated.
      """, valueName: "layer:unit=value"))
  var clamp: [String] = []

  /// - Throws: `.usage` for what is no such thing, and as `validate(for:)`.
  func units(of backbone: any GenerativeBackbone) throws(GraftError) -> [HeldUnit] {
    guard !clamp.isEmpty else { return [] }
    let arrays = backbone.makeCarriedState(sequences: 1)?.arrays ?? []
    let units = try clamp.map { text throws(GraftError) in try Self.unit(text, arrays) }
    try units.validate(for: backbone)
    return units
  }

  private static func unit(_ text: String, _ arrays: [CarriedArray]) throws(GraftError) -> HeldUnit {
    let sides = text.split(separator: "=", omittingEmptySubsequences: false)
    let place = sides[0].split(separator: ":", omittingEmptySubsequences: false)
    guard sides.count == 2, place.count == 2, !place[0].isEmpty, let unit = Int(place[1]),
      let value = Float(sides[1]), value.isFinite
    else {
      throw GraftError(
        .usage, "--clamp '\(text)' is no unit and value", hint: "write LAYER:UNIT=VALUE, such as 0:317=1.5.")
    }
    let layer = String(place[0])
    let parts = arrays.map(\.name).filter { $0.hasPrefix(layer + ".") }
    // Of a layer without a name of a part, what it hands on, if that is a part.
    let array = arrays.contains { $0.name == layer } ? layer : parts.first { $0.hasSuffix(".hidden") } ?? parts.first
    return HeldUnit(array: array ?? layer, unit: unit, value: value)
  }
}
