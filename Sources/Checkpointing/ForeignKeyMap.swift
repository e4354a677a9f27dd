import Support

/// How the parameters of another library's checkpoint become ours, and back.
public struct ForeignKeyMap: Sendable {
  /// The part of a foreign tensor that is one of our parameters.
  public struct Transform: Sendable, Hashable {
    /// Which equal part along the last dimension, of how many: the middle third of GPT-2's joined query,
    /// key and value is (1, 3).
    public var part: Int
    public var parts: Int
    /// Whether the foreign matrix is [inputs, outputs].
    public var isTransposed: Bool
    /// In how many groups of rows the parts alternate, which are then parts of the first dimension: GPT-NeoX joins
    /// query, key and value of each head, so that there are as many groups as heads. 0 for parts along the last
    /// dimension.
    public var rowGroups = 0

    public static let identity = Transform(part: 0, parts: 1, isTransposed: false)
    public static let transposed = Transform(part: 0, parts: 1, isTransposed: true)
    public static func columns(_ part: Int, of parts: Int, transposed: Bool) -> Transform {
      Transform(part: part, parts: parts, isTransposed: transposed)
    }
    public static func rows(_ part: Int, of parts: Int, groups: Int) -> Transform {
      Transform(part: part, parts: parts, isTransposed: false, rowGroups: groups)
    }
  }

  public struct Entry: Sendable, Hashable {
    /// Our name.
    public let name: String
    /// The foreign names it may have, the usual one first.
    public let foreign: [String]
    public let transform: Transform

    public init(name: String, foreign: [String], transform: Transform) {
      (self.name, self.foreign, self.transform) = (name, foreign, transform)
    }
  }

  /// A foreign tensor that repeats a parameter the model ties it to.
  public struct Copy: Sendable, Hashable {
    public let foreign: String
    /// Our name of what it must equal.
    public let name: String
    /// Whether the model does not tie it, but versions of the library differ in which of the two they compute with: a
    /// file may have others here, which are left, and both are written.
    public let isSpare: Bool

    public init(foreign: String, name: String, isSpare: Bool = false) {
      (self.foreign, self.name, self.isSpare) = (foreign, name, isSpare)
    }
  }

  /// The family, for messages: "T5".
  public let family: String
  public let entries: [Entry]
  /// What a file may hold that the model does not need but a head may start from: BERT's pooler.
  public let extras: [Entry]
  /// What a file may hold again of what is tied.
  public let copies: [Copy]
  /// What the foreign names of heads begin with, and what to do if a head is missing.
  let heads: [String]
  let headHint: String
  /// Whether a foreign tensor without an entry may be left: masks, heads for what Graft does not do.
  let isIgnored: @Sendable (String) -> Bool

  public init(
    family: String, entries: [Entry], extras: [Entry] = [], copies: [Copy] = [],
    heads: [String] = [], headHint: String = "", ignoring isIgnored: @escaping @Sendable (String) -> Bool
  ) {
    self.family = family
    self.entries = entries
    self.extras = extras
    self.copies = copies
    self.heads = heads
    self.headHint = headHint
    self.isIgnored = isIgnored
  }

  /// Whether a tensor of this name may stand in a file beside those that entries read.
  func allows(_ foreign: String) -> Bool {
    isIgnored(foreign) || copies.contains { $0.foreign == foreign }
      || extras.contains { $0.foreign.contains(foreign) }
  }

  /// Our parameters under foreign names, for export.
  /// - Throws: `.badData` naming a parameter that is missing or does not fit its neighbours.
  public func foreignTensors(from ours: [String: LoadedTensor]) throws(GraftError) -> [String: LoadedTensor] {
    var pieces: [String: [(Transform, LoadedTensor)]] = [:]
    for entry in entries {
      guard let tensor = ours[entry.name] else {
        throw GraftError(.badData, "the model has no parameter '\(entry.name)', which \(family) needs")
      }
      pieces[entry.foreign[0], default: []].append((entry.transform, tensor))
    }
    var result: [String: LoadedTensor] = [:]
    for (name, parts) in pieces {
      guard let whole = Transform.join(parts) else {
        throw GraftError(.badData, "the parameters that make up '\(name)' do not fit together")
      }
      result[name] = whole
    }
    return result
  }
}

extension ForeignKeyMap.Transform {
  /// The shape of the foreign tensor whose part has `shape`.
  func foreignShape(of shape: [Int]) -> [Int] {
    var foreign = isTransposed ? Array(shape.reversed()) : shape
    if rowGroups > 0 {
      if !foreign.isEmpty { foreign[0] *= parts }
      return foreign
    }
    if let last = foreign.indices.last { foreign[last] *= parts }
    return foreign
  }

  /// nil if the shape does not allow it.
  ///
  /// Worked example: [[1 2 3 4], [5 6 7 8]] by columns (1, of 2), transposed: [[3 7], [4 8]].
  /// [1 2 3 4 5 6] by rows (1, of 3, in two groups): [2 5].
  func apply(to tensor: LoadedTensor) -> LoadedTensor? {
    if rowGroups > 0 {
      guard let rows = tensor.shape.first, rows % (parts * rowGroups) == 0 else { return nil }
      let count = tensor.values.count / (parts * rowGroups)
      var values: [Float] = []
      values.reserveCapacity(count * rowGroups)
      for group in 0..<rowGroups {
        values += tensor.values[(group * parts + part) * count..<(group * parts + part + 1) * count]
      }
      return LoadedTensor(shape: [rows / parts] + Array(tensor.shape.dropFirst()), values: values)
    }
    guard let columns = tensor.shape.last, columns % parts == 0, !isTransposed || tensor.shape.count == 2
    else { return parts == 1 && !isTransposed ? tensor : nil }
    let width = columns / parts
    let rows = tensor.shape.dropLast().reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(rows * width)
    let first = part * width
    if isTransposed {
      for column in first..<first + width {
        for row in 0..<rows { values.append(tensor.values[row * columns + column]) }
      }
      return LoadedTensor(shape: [width, rows], values: values)
    }
    for row in 0..<rows {
      values.append(contentsOf: tensor.values[row * columns + first..<row * columns + first + width])
    }
    return LoadedTensor(shape: tensor.shape.dropLast() + [width], values: values)
  }

  /// The inverse of `apply` for all parts of one tensor; nil if they do not fit together.
  static func join(_ pieces: [(ForeignKeyMap.Transform, LoadedTensor)]) -> LoadedTensor? {
    guard let (transform, sample) = pieces.first, pieces.count == transform.parts else { return nil }
    if transform == .identity { return sample }
    let ordered = pieces.sorted { $0.0.part < $1.0.part }
    guard ordered.map(\.0.part) == Array(0..<transform.parts),
      ordered.allSatisfy({ $0.1.shape == sample.shape && $0.0.isTransposed == transform.isTransposed }),
      ordered.allSatisfy({ $0.0.rowGroups == transform.rowGroups }), let last = sample.shape.last,
      !transform.isTransposed || sample.shape.count == 2
    else { return nil }
    if transform.rowGroups > 0 {
      guard sample.shape[0] % transform.rowGroups == 0 else { return nil }
      let count = sample.values.count / transform.rowGroups
      var values: [Float] = []
      values.reserveCapacity(sample.values.count * pieces.count)
      for group in 0..<transform.rowGroups {
        for (_, piece) in ordered { values += piece.values[group * count..<(group + 1) * count] }
      }
      return LoadedTensor(shape: [sample.shape[0] * pieces.count] + Array(sample.shape.dropFirst()), values: values)
    }
    let width = transform.isTransposed ? sample.shape[0] : last
    let rows = transform.isTransposed ? last : sample.shape.dropLast().reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(rows * width * pieces.count)
    for row in 0..<rows {
      for (_, piece) in ordered {
        if transform.isTransposed {
          for column in 0..<width { values.append(piece.values[column * rows + row]) }
        } else {
          values.append(contentsOf: piece.values[row * width..<(row + 1) * width])
        }
      }
    }
    let leading = transform.isTransposed ? [rows] : Array(sample.shape.dropLast())
    return LoadedTensor(shape: leading + [width * pieces.count], values: values)
  }
}
