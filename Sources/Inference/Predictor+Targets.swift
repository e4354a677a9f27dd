import Autograd
import ModelKit
import Records
import Support

/// What a model says token by token to texts that it is given.
public struct TargetReading: Sendable, Codable, Hashable {
  /// Of each token of the target, in nats.
  public var logProbabilities: [Double]
  /// The likeliest token at each of these places, given the right ones before it.
  public var likeliest: [TokenID]
  public var targets: [TokenID]

  /// Whether greedy decoding writes the target, though perhaps not its end.
  public var isGreedy: Bool { likeliest == targets }
}

extension Predictor {
  /// Log-probabilities of the examples' targets after their inputs, and what greedy decoding would write in their
  /// place.
  func readings(of examples: [TokenExample]) throws(GraftError) -> [TargetReading] {
    let groups = inputGroups(examples.map(\.inputs), of: model.textsAtOnce)
    let batches = groups.map { group in converter.batch(group.map { examples[$0] }) }
    let backbone = backbone
    let found = try model.map(batches) { _, batch, tape in Predictor.readings(batch, backbone, tape) }
    var result = [TargetReading](
      repeating: TargetReading(logProbabilities: [], likeliest: [], targets: []), count: examples.count)
    for (group, readings) in zip(groups, found) {
      for (index, reading) in zip(group, readings) { result[index] = reading }
    }
    return result
  }

  /// - Throws: `.internalError` naming an example with a score that is not finite.
  private func finiteReadings(of examples: [Example]) throws(GraftError) -> [TargetReading] {
    let readings = try readings(of: examples.map { codec.example($0.inputs, $0.targets) })
    for (index, reading) in readings.enumerated() where !reading.logProbabilities.allSatisfy(\.isFinite) {
      throw .notFinite("score", of: names.name(index, text: examples[index].inputs))
    }
    return readings
  }

  private static func readings(
    _ batch: Batch, _ backbone: any GenerativeBackbone, _ tape: Tape
  ) -> [TargetReading] {
    let output = backbone.forward(batch, on: tape)
    let losses = UnsafeMutableBufferPointer<Float>.allocate(capacity: max(1, batch.targetCount))
    defer { losses.deallocate() }
    _ = output.crossEntropy(batch, gradientScale: 0, losses: losses, on: tape)
    let (rows, targets) = output.targets(of: batch)
    let logits = output.logits(at: rows, on: tape)
    let values = UnsafePointer(logits.data.assumingMemoryBound(to: Float.self))
    var (position, next) = (0, 0)
    return batch.decoder.lengths.map { length in
      var reading = TargetReading(logProbabilities: [], likeliest: [], targets: [])
      for _ in 0..<length {
        if batch.targets[position] != Batch.ignored {
          let row = values + next * logits.columns
          var best = 0
          for column in 1..<max(1, logits.columns) where row[column] > row[best] { best = column }
          reading.logProbabilities.append(-Double(losses[next]))
          reading.likeliest.append(TokenID(best))
          reading.targets.append(targets[next])
          next += 1
        }
        position += 1
      }
      return reading
    }
  }

  /// Whether a model that goes on with each text writes what comes next: the answer is the likeliest token at every
  /// place of the target, given the right ones before it, and equals the target if they all are. Has the
  /// log-probabilities of the target, too.
  func continuations(_ examples: [Example]) throws(GraftError) -> [Prediction] {
    zip(examples, try finiteReadings(of: examples)).map { example, reading in
      Prediction(
        text: reading.isGreedy ? example.targets : trimmed(codec.tokenizer.decodeText(reading.likeliest)),
        logProbabilities: reading.logProbabilities)
    }
  }

  /// Adds the log-probabilities of the right answers to what was answered.
  func addingLogProbabilities(
    _ predictions: [Prediction], _ examples: [Example]
  ) throws(GraftError) -> [Prediction] {
    zip(predictions, try finiteReadings(of: examples)).map {
      var prediction = $0
      prediction.logProbabilities = $1.logProbabilities
      return prediction
    }
  }
}
