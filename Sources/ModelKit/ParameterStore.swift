import Compute
import Support

/// Where one parameter lies in the flat arrays of values, gradients and optimizer moments.
public struct ParameterEntry: Sendable, Hashable, Codable {
  /// The checkpoint key, such as `encoder.blocks.0.attention.query.weight`.
  public let name: String
  /// Row-major; a linear weight is [outputs, inputs].
  public let shape: [Int]
  /// Offset of the first value, in floats.
  public let offset: Int

  public var count: Int { shape.reduce(1, *) }
  public var range: Range<Int> { offset..<offset + count }
  public var rank: Int { shape.count }
}

/// All parameters of a model in one contiguous 64-byte-aligned array of `Float`. Gradients and moments are
/// arrays of the same length, so clipping, optimizers and checkpoints are loops over flat memory.
public final class ParameterStore: @unchecked Sendable {
  // Written only between steps by the optimizer or a loader; shards read it concurrently during a step.
  public let entries: [ParameterEntry]
  public let values: UnsafeMutableBufferPointer<Float>
  private let indexByName: [String: Int]

  public var count: Int { values.count }

  public init(_ shapes: [(name: String, shape: [Int])]) {
    var entries: [ParameterEntry] = []
    var index: [String: Int] = [:]
    var offset = 0
    for (name, shape) in shapes {
      precondition(index[name] == nil, "parameter '\(name)' is declared twice")
      index[name] = entries.count
      let entry = ParameterEntry(name: name, shape: shape, offset: offset)
      entries.append(entry)
      offset += entry.count
    }
    self.entries = entries
    indexByName = index
    values = LargeMemory.allocate(Float.self, count: offset)
  }

  deinit { LargeMemory.deallocate(values) }

  public func entry(named name: String) -> ParameterEntry? { indexByName[name].map { entries[$0] } }

  public func values(of entry: ParameterEntry) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[entry.range])
  }
}
