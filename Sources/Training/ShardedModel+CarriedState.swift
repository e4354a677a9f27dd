import Checkpointing
import Inference
import ModelKit
import Support

extension ShardedModel {
  /// Gives every micro-batch of every shard a state of its own for the lanes that it reads in every step.
  /// - Parameter lanes: see `BatchDealing.lanes`.
  /// - Precondition: the model makes such states.
  func carryState(over lanes: [[Range<Int>]]) {
    for (shard, parts) in zip(shards, lanes) {
      shard.carried = parts.map { part in
        guard let state = backbone.writer?.makeCarriedState(sequences: part.count) else {
          preconditionFailure("a model of the \(backbone.configuration.family) family has no state to carry")
        }
        return state
      }
    }
  }

  /// Begins the texts of all lanes anew.
  func forgetCarriedState() {
    for state in shards.flatMap(\.carried) { state.forget() }
  }

  /// What is carried of all lanes, in their order; empty where nothing is carried. Names begin with `carried.`.
  var carriedArrays: [CarriedArray] {
    let states = shards.flatMap(\.carried)
    guard let first = states.first else { return [] }
    return first.arrays.enumerated().map { index, array in
      CarriedArray(
        name: "carried.\(array.name)", width: array.width, values: states.flatMap { $0.arrays[index].values })
    }
  }

  /// Goes on with what a checkpoint carries, if this model carries anything.
  /// - Throws: `.badData` naming an array that is missing or of another shape, `.internalError` one that is not finite.
  func readCarriedState(from file: SafetensorsFile) throws(GraftError) {
    var start = 0
    var values: [[Float]] = []
    for array in carriedArrays {
      var found = array.values
      try found.withUnsafeMutableBufferPointer { (buffer) throws(GraftError) in
        try file.read(array.name, shape: [array.values.count / array.width, array.width], into: buffer)
        try NotFinite.refuse(UnsafeBufferPointer(buffer), of: array.name, file: file.path)
      }
      values.append(found)
    }
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
