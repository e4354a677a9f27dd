/// A column of a Parquet file, a group of columns, or one of a repeated kind: the schema as a tree.
struct ParquetNode {
  /// How the values of a column are written as text.
  enum Form: Equatable {
    case boolean, integer, unsigned, float, double, bytes
    /// Julian days and nanoseconds, as old writers have timestamps; becomes nanoseconds since 1970.
    case dayAndNanoseconds
    /// A whole number with so many digits behind the point.
    case decimal(scale: Int)
  }

  struct Leaf {
    /// Which of all columns it is.
    var index: Int
    /// Of the format: boolean, int32, int64, int96, float, double, byte array, byte array of fixed length.
    var physicalType: Int
    /// Of fixed byte arrays.
    var length: Int
    var form: Form
    /// With dots between the names.
    var path: String
  }

  var name: String
  var isOptional = false
  var isRepeated = false
  /// How many optional and repeated nodes there are down to here, and how many repeated ones.
  var definition = 0
  var repetition = 0
  var leaf: Leaf?
  var children: [ParquetNode] = []
  /// Whether it is one of the groups that a list or a map is written with: a group whose one child is repeated.
  var isList = false
  /// Which of all columns lie below.
  var columns = 0..<0

  /// The columns below, in the order of the file.
  var leaves: [(leaf: Leaf, node: ParquetNode)] {
    leaf.map { [($0, self)] } ?? children.flatMap(\.leaves)
  }
}

extension ParquetNode {
  /// - Parameter elements: of the footer, parents before their children.
  /// - Throws: `.badData` for what is no tree.
  static func root(of elements: [ThriftValue], path: String) throws(GraftError) -> ParquetNode {
    var builder = Builder(elements: elements, path: path)
    let root = try builder.node(below: nil, names: [])
    guard builder.next == elements.count, root.leaf == nil, !root.children.isEmpty else {
      throw .damagedParquet("its schema is no table", path: path)
    }
    return root
  }

  private struct Builder {
    let elements: [ThriftValue]
    let path: String
    var next = 0
    var leafCount = 0

    mutating func node(below parent: ParquetNode?, names: [String]) throws(GraftError) -> ParquetNode {
      guard next < elements.count, names.count < 64 else {
        throw .damagedParquet("its schema is no tree", path: path)
      }
      let element = elements[next]
      next += 1
      var node = ParquetNode(name: element[4]?.text ?? "")
      let repetition = parent == nil ? 0 : element[3]?.integer ?? 0
      node.isOptional = repetition == 1
      node.isRepeated = repetition == 2
      node.definition = (parent?.definition ?? 0) + (repetition > 0 ? 1 : 0)
      node.repetition = (parent?.repetition ?? 0) + (node.isRepeated ? 1 : 0)
      let own = parent == nil ? [] : names + [node.name]
      guard let count = element[5]?.integer, count > 0 else {
        guard parent != nil, let type = element[1]?.integer, (0...7).contains(type) else {
          throw .damagedParquet("column '\(own.joined(separator: "."))' has no type", path: path)
        }
        node.leaf = Leaf(
          index: leafCount, physicalType: type, length: element[2]?.integer ?? 0,
          form: Self.form(element, type), path: own.joined(separator: "."))
        node.columns = leafCount..<(leafCount + 1)
        leafCount += 1
        return node
      }
      let first = leafCount
      for _ in 0..<count { node.children.append(try self.node(below: node, names: own)) }
      node.columns = first..<leafCount
      node.isList =
        parent != nil && node.children.count == 1 && node.children[0].isRepeated
        && ((1...3).contains(element[6]?.integer ?? 0) || (2...3).contains(element[10]?.variant ?? 0))
      return node
    }

    private static func form(_ element: ThriftValue, _ type: Int) -> Form {
      let converted = element[6]?.integer
      let logical = element[10]
      if converted == 5 || logical?.variant == 5 {
        return .decimal(scale: logical?[5]?[1]?.integer ?? element[7]?.integer ?? 0)
      }
      switch type {
      case 0: return .boolean
      case 1, 2:
        let isUnsigned = logical?[10].map { $0[2]?.boolean == false } ?? (11...14).contains(converted ?? 0)
        return isUnsigned ? .unsigned : .integer
      case 3: return .dayAndNanoseconds
      case 4: return .float
      case 5: return .double
      default: return .bytes
      }
    }
  }
}
