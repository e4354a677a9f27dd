import Checkpointing
import Inference
import ModelKit
import Support

extension ShardedModel {
  /// Gives every micro-batch of every shard of this process a state of its own for the lanes that it reads in every
  /// step.
  /// - Parameter lanes: of all shards, see `BatchDealing.lanes`.
  /// - Precondition: the model makes such states.
  func carryState(over lanes: [[Range<Int>]]) {
    for (shard, parts) in zip(shards, lanes[ownShards]) {
      shard.carried = parts.map { part in
        guard let state = backbone.writer?.makeCarriedState(sequences: part.count) else {
          preconditionFailure("a model of the \(backbone.configuration.family) family has no state to carry")
        }
        return state
      }
    }
    lanesOfProcesses = world.shares(of: allShards).map { lanes[$0].joined().reduce(0) { $0 + $1.count } }
  }

  /// Begins the texts of all lanes anew.
  func forgetCarriedState() {
    for state in shards.flatMap(\.carried) { state.forget() }
  }

  /// Begins the texts of some lanes anew.
  /// - Parameter lanes: numbers of them among those of all processes, ascending.
  func forgetCarriedState(ofLanes lanes: [Int]) {
    guard !lanes.isEmpty else { return }
    var start = lanesOfProcesses[..<world.rank].reduce(0, +)
    for state in shards.flatMap(\.carried) {
      let end = start + state.lengths.count
      state.forget(lanes.filter { (start..<end).contains($0) }.map { $0 - start })
      start = end
    }
  }

  /// What is carried of the lanes of this process, in their order; empty where nothing is carried. Names begin with
  /// `carried.`.
  private var ownCarriedArrays: [CarriedArray] {
    let states = shards.flatMap(\.carried)
    guard let first = states.first else { return [] }
    return first.arrays.enumerated().map { index, array in
      CarriedArray(
        name: "carried.\(array.name)", width: array.width, values: states.flatMap { $0.arrays[index].values })
    }
  }

  /// What is carried of all lanes.
  /// - Throws: as a `World`.
  func carriedArrays() throws(GraftError) -> [CarriedArray] {
    var arrays = ownCarriedArrays
    for (index, array) in arrays.enumerated() {
      arrays[index].values = try world.gatheredValues(array.values, of: lanesOfProcesses.map { $0 * array.width })
    }
    return arrays
  }

  /// Goes on with what a checkpoint carries, if this model carries anything.
  /// - Parameter file: the checkpoint's, on rank 0.
  /// - Throws: `.badData` naming an array that is missing or of another shape, `.internalError` one that is not finite;
  ///   as a `World`.
  func readCarriedState(from file: SafetensorsFile?) throws(GraftError) {
    let lanes = lanesOfProcesses.reduce(0, +)
    var values: [[Float]] = []
    for array in ownCarriedArrays {
      var found = try world.together { () throws(GraftError) -> [Float] in
        var read = [Float](repeating: 0, count: lanes * array.width)
        try read.withUnsafeMutableBufferPointer { (buffer) throws(GraftError) in
          guard let file else { return }
          try file.read(array.name, shape: [lanes, array.width], into: buffer)
          try NotFinite.refuse(UnsafeBufferPointer(buffer), of: array.name, file: file.path)
        }
        return read
      }
      found.removeFirst(lanesOfProcesses[..<world.rank].reduce(0, +) * array.width)
      values.append(found)
    }
    var start = 0
    for state in shards.flatMap(\.carried) {
      let count = state.lengths.count
      state.arrays = zip(state.arrays, values).map { array, values in
        let range = start * array.width..<(start + count) * array.width
        return CarriedArray(name: array.name, width: array.width, values: Array(values[range]))
      }
      start += count
    }
  }
}
