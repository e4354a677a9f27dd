import Foundation
import ModelKit
import Support

/// How the parameters that match are trained: `embedding:rate=0.1,decay=0`, `encoder.blocks.0.*:frozen`.
public struct ParameterRule: Sendable, Hashable, Codable {
  /// A role, or a name in which `*` stands for any text.
  public var pattern: String
  /// Multiplies the learning rate; nil for 1.
  public var rateFactor: Double?
  /// Takes the place of the optimizer's weight decay; nil for that.
  public var weightDecay: Double?
  /// Whether the parameters stay as they are.
  public var isFrozen: Bool

  /// - Parameter pattern: a role, or a name in which `*` stands for any text.
  public init(_ pattern: String, rateFactor: Double? = nil, weightDecay: Double? = nil, isFrozen: Bool = false) {
    self.pattern = pattern
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
    self.isFrozen = isFrozen
  }

  /// - Throws: `.usage` for text of another form.
  public init(parsing text: String) throws(GraftError) {
    func failure(_ message: String) -> GraftError {
      GraftError(
        .usage, "\(message) in the parameter rule '\(text)'",
        hint: "write it as embedding:rate=0.1,decay=0 or 'encoder.blocks.0.*:frozen'; roles are"
          + " \(ParameterRole.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw failure("no pattern and setting") }
    self.init(String(parts[0]))
    for setting in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      if setting == "frozen" {
        isFrozen = true
        continue
      }
      let pair = setting.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, let value = Double(pair[1]), value >= 0, value.isFinite else {
        throw failure("cannot read '\(setting)'")
      }
      switch pair[0] {
      case "rate": rateFactor = value
      case "decay": weightDecay = value
      default: throw failure("'\(pair[0])' is not known")
      }
    }
  }

  /// Whether the rule is about a parameter: by role where the pattern is one, else by name.
  func matches(_ entry: ParameterEntry) -> Bool {
    if let role = ParameterRole(rawValue: pattern) { return entry.role == role }
    return Self.matches(Array(entry.name.utf8)[...], Array(pattern.utf8)[...])
  }

  private static func matches(_ name: ArraySlice<UInt8>, _ pattern: ArraySlice<UInt8>) -> Bool {
    var (name, pattern) = (name, pattern)
    /// Where to go on if what follows the last star does not match.
    var retry: (name: ArraySlice<UInt8>, pattern: ArraySlice<UInt8>)?
    while !name.isEmpty || !pattern.isEmpty {
      if pattern.first == UInt8(ascii: "*") {
        pattern = pattern.dropFirst()
        retry = (name, pattern)
      } else if let letter = pattern.first, name.first == letter {
        (name, pattern) = (name.dropFirst(), pattern.dropFirst())
      } else if let last = retry, !last.name.isEmpty {
        name = last.name.dropFirst()
        pattern = last.pattern
        retry = (name, pattern)
      } else {
        return false
      }
    }
    return true
  }
}

/// Which parameters are trained, and how they differ in that.
public struct ParameterRules: Sendable {
  /// Later rules change what earlier ones say of the same parameter.
  public let rules: [ParameterRule]
  /// The learning rate of a block as a multiple of the block's above; that of embeddings is one below the first block,
  /// that of heads one above the last (Clark et al. 2020, Howard & Ruder 2018).
  public let layerDecay: Double?
  /// What stays as it is, beside what rules say; nil for nothing.
  public let frozen: FrozenParts?

  /// - Parameter layerDecay: a positive factor, usually below 1; nil for one rate for all blocks.
  public init(_ rules: [ParameterRule] = [], layerDecay: Double? = nil, frozen: FrozenParts? = nil) {
    self.rules = rules
    self.layerDecay = layerDecay
    self.frozen = frozen
  }

  /// The parameters to be trained, in the order of `entries`.
  /// - Throws: `.usage` for a rule that no parameter matches, or if all are frozen.
  public func callAsFunction(_ entries: [ParameterEntry]) throws(GraftError) -> [TrainedParameter] {
    for rule in rules where !entries.contains(where: rule.matches) {
      throw GraftError(
        .usage, "no parameter of the model matches '\(rule.pattern)'",
        hint: "`graft inspect checkpoint` lists names; roles are"
          + " \(Set(entries.map(\.role.rawValue)).sorted().joined(separator: ", ")).")
    }
    try frozen?.require(in: entries)
    let blocks = (entries.compactMap(\.depth).max() ?? -1) + 1
    var trained: [TrainedParameter] = []
    for entry in entries {
      var parameter = TrainedParameter(entry)
      var isFrozen = frozen?.contains(entry) ?? false
      if let layerDecay {
        parameter.rateFactor = pow(layerDecay, Double(blocks - Self.level(entry, blocks: blocks)))
      }
      let layerFactor = parameter.rateFactor
      for rule in rules where rule.matches(entry) {
        if let factor = rule.rateFactor { parameter.rateFactor = layerFactor * factor }
        parameter.weightDecay = rule.weightDecay ?? parameter.weightDecay
        isFrozen = rule.isFrozen || (frozen?.contains(entry) ?? false)
      }
      if !isFrozen, !entry.isFixed { trained.append(parameter) }
    }
    guard !trained.isEmpty || entries.isEmpty else {
      throw GraftError(.usage, "all parameters are frozen", hint: "leave some of them to be trained.")
    }
    return trained
  }

  /// The block's number; −1 for what lies below all blocks, `blocks` for what lies above.
  private static func level(_ entry: ParameterEntry, blocks: Int) -> Int {
    if let depth = entry.depth { return depth }
    return entry.role == .embedding || entry.role == .position ? -1 : blocks
  }
}
