import ModelKit

/// A parameter that an optimizer updates, and how it differs from the others in that.
public struct TrainedParameter: Sendable {
  public let entry: ParameterEntry
  /// Multiplies the scheduled rate.
  public var rateFactor = 1.0
  /// Takes the place of the optimizer's weight decay; nil for that.
  public var weightDecay: Double?

  public init(_ entry: ParameterEntry, rateFactor: Double = 1, weightDecay: Double? = nil) {
    self.entry = entry
    self.rateFactor = rateFactor
    self.weightDecay = weightDecay
  }
}

/// Peak rates of an optimizer that are good to begin with.
public struct DefaultRates: Sendable, Hashable {
  public var pretraining: Double
  public var fineTuning: Double

  public init(pretraining: Double, fineTuning: Double) {
    self.pretraining = pretraining
    self.fineTuning = fineTuning
  }

  public subscript(phase: TrainingPhase) -> Double {
    switch phase {
    case .pretraining: pretraining
    case .fineTuning: fineTuning
    }
  }
}

/// What a model is trained for.
public enum TrainingPhase: Sendable {
  case pretraining, fineTuning
}
