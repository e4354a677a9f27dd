import Support

/// Low-rank adaptation (LoRA, Hu et al. 2021): beside the matrix W of a linear layer, which stays as it is, a pair
/// D [r, I] and U [O, r] is trained, and the layer computes with W + scale · U D. U begins as 0, so that training
/// begins with the model as it is.
public struct LowRankAdaptation: Sendable, Hashable, Codable {
  /// r.
  public var rank: Int
  /// The scale is alpha / rank.
  public var alpha: Double
  /// The layers, by the last parts of their names: `query`, `attention.output`, `encoder.blocks.0.attention.query`; or
  /// `all-linear`.
  public var targets: [String]
  /// The probability with which D does not see a value while training, 0 ..< 1.
  public var dropout: Double
  /// Whether the scale is alpha / √rank (rsLoRA, Kalajdzievski 2023); nil for no.
  public var rankStabilized: Bool?

  /// Every linear layer but those of heads.
  public static let allTargets = "all-linear"
  /// What Hu et al. adapt.
  public static let usualTargets = ["query", "value"]
  /// End the names of a layer's D and U.
  public static let (downName, upName) = ("lora_a", "lora_b")

  /// Queries and values, scaled by 2, unless said otherwise.
  public init(
    rank: Int, alpha: Double? = nil, targets: [String] = LowRankAdaptation.usualTargets, dropout: Double = 0,
    rankStabilized: Bool = false
  ) {
    (self.rank, self.alpha, self.targets) = (rank, alpha ?? 2 * Double(rank), targets)
    self.dropout = dropout
    self.rankStabilized = rankStabilized ? true : nil
  }

  /// What U D is multiplied by.
  public var scale: Double { alpha / (rankStabilized == true ? Double(rank).squareRoot() : Double(rank)) }

  /// For people: "rank 8, alpha 16, of query, value".
  public var facts: String {
    let name = rankStabilized == true ? "rank \(rank), stabilised" : "rank \(rank)"
    let drop = dropout > 0 ? ", dropout \(NumberText.shortest(dropout))" : ""
    return "\(name), alpha \(NumberText.shortest(alpha)), of \(targets.joined(separator: ", "))\(drop)"
  }

  /// - Throws: `.badData` naming the first value that makes no sense.
  public func validate(source: String? = nil) throws(GraftError) {
    func require(_ condition: Bool, _ message: String) throws(GraftError) {
      if !condition { throw GraftError(.badData, message, location: source.map { SourceLocation(file: $0) }) }
    }
    try require(rank > 0 && rank <= 1 << 14, "the rank of an adapter is \(rank), expected 1 to \(1 << 14)")
    try require(alpha > 0 && alpha < 1e6, "the alpha of an adapter is \(alpha), expected a positive number")
    try require(dropout >= 0 && dropout < 1, "the dropout of an adapter is \(dropout), expected 0 ..< 1")
    try require(!targets.isEmpty && targets.allSatisfy { !$0.isEmpty }, "an adapter has no targets")
  }

  /// The name of the layer that a matrix belongs to, with its last dot.
  public static func layer(of matrix: String) -> String {
    matrix.hasSuffix("weight") ? String(matrix.dropLast("weight".count)) : matrix + "."
  }

  private static func isMeant(_ matrix: String, by target: String) -> Bool {
    target == allTargets || ".\(layer(of: matrix))".hasSuffix(".\(target).")
  }

  /// The indices of the matrices that are meant, in their order.
  /// - Throws: `.badData` for a target that is no linear layer.
  func chosen(of declarations: [ParameterDeclaration]) throws(GraftError) -> [Int] {
    let linear = declarations.indices.filter { declarations[$0].isLinear }
    for target in targets where !linear.contains(where: { Self.isMeant(declarations[$0].name, by: target) }) {
      let known = Set(linear.map { Self.shortName(of: declarations[$0].name) }).sorted()
      throw GraftError(
        .badData, "no linear layer of the model is called '\(target)', so no adapter can be added to it",
        hint: known.isEmpty
          ? "the model has no linear layers between its states."
          : "there are \(known.joined(separator: ", ")), and \(Self.allTargets) for all.")
    }
    return linear.filter { index in targets.contains { Self.isMeant(declarations[index].name, by: $0) } }
  }

  /// What tells a layer from the others of its block: `attention.query`.
  private static func shortName(of matrix: String) -> String {
    let parts = layer(of: matrix).split(separator: ".")
    return parts.suffix(parts.count > 1 && Int(parts[parts.count - 2]) == nil ? 2 : 1).joined(separator: ".")
  }

  /// The shortest targets that mean these layers and no others.
  /// - Parameters:
  ///   - matrices: the names of the matrices that are adapted.
  ///   - all: of all that could be.
  public static func targets(meaning matrices: Set<String>, of all: [String]) -> [String] {
    func meant(_ targets: Set<String>) -> Set<String> {
      Set(all.filter { name in targets.contains { isMeant(name, by: $0) } })
    }
    let full = matrices.map { String(layer(of: $0).dropLast()) }
    for length in 1...2 {
      let short = Set(full.map { $0.split(separator: ".").suffix(length).joined(separator: ".") })
      if meant(short) == matrices { return short.sorted() }
    }
    return full.sorted()
  }
}
