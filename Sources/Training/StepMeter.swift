import Inference
import Records

/// What the batches of a step cost.
struct StepWork {
  let tokens: Int
  /// Of each batch, forward and backward.
  let operations: [Double]

  init(_ batches: some Sequence<Batch>, _ model: ShardedModel) {
    let factor = 2 + model.trainedShareOfMatrices
    tokens = batches.reduce(0) { $0 + $1.positionCount }
    operations = batches.map { factor * model.backbone.forwardOperations($0) }
  }
}

/// Sums between two reports.
struct StepMeter {
  var startedAt: Double
  var steps = 0
  var tokens = 0
  var loss = 0.0
  var operations = 0.0

  init(startedAt: Double) { self.startedAt = startedAt }

  mutating func add(_ work: StepWork, loss stepLoss: Double) {
    steps += 1
    loss += stepLoss
    tokens += work.tokens
    operations = work.operations.reduce(operations, +)
  }
}
