import ModelKit

/// A parameter that an optimizer updates, and how it differs from the others in that.
public struct TrainedParameter: Sendable {
  /// What is updated, and where it lies.
  public let entry: ParameterEntry
  /// Multiplies the scheduled rate.
  public var rateFactor = 1.0
  /// Takes the place of the optimizer's weight decay; nil for that.
  public var weightDecay: Double?

  /// A parameter that is trained as all others are unless a factor or a decay is given.
  public init(_ entry: ParameterEntry, rateFactor: Double = 1, weightDecay: Double? = nil) {
    self.entry = entry
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
  }
}

/// Peak rates of an optimizer that are good to begin with.
public struct DefaultRates: Sendable, Hashable {
  /// The peak rate for training on text.
  public var pretraining: Double
  /// The peak rate for training on tasks.
  public var fineTuning: Double

  /// The peak rates for both phases.
  public init(pretraining: Double, fineTuning: Double) {
    self.pretraining = pretraining
    self.fineTuning = fineTuning
  }

  /// The peak rate for one phase.
  public subscript(phase: TrainingPhase) -> Double {
    switch phase {
    case .pretraining: pretraining
    case .fineTuning: fineTuning
    }
  }
}

/// What a model is trained for.
public enum TrainingPhase: Sendable {
  /// On text; on tasks, from a checkpoint or from random values.
  case pretraining, fineTuning
}
