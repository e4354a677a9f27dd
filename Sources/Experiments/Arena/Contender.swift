import Counting
import Families
import ModelKit
import Support
import Tokenization

/// A model of an arena: of counts, or a network to be trained.
public struct Contender: Sendable {
  enum Kind: Sendable {
    case counts(NGramSmoothing, order: Int)
    case network(ModelConfiguration, rate: Double?)
  }

  /// As tables and folders have it.
  public let name: String
  /// What a person called it: several contenders of one model differ in their learning rates.
  public let model: String
  let kind: Kind

  /// The counting models that have a name, in the order of their history.
  public static let countingNames = ["uniform", "unigram", "bigram", "kneser-ney-N"]

  /// All eras, as far as there are presets of about one size.
  public static let standardNames = [
    "uniform", "unigram", "bigram", "kneser-ney-3", "kneser-ney-5", "nplm-mini", "lstm-mini", "gru-mini", "mlstm-mini",
    "qrnn-mini", "awd-lstm-mini", "conv-lm-mini", "gpt-mini", "sha-rnn-mini", "llama-mini", "modern-mini",
  ]

  /// - Parameters:
  ///   - model: a counting model's name, a preset's, or a file of the same form.
  ///   - rates: that a network is trained with, each by itself; none for what the recipe says.
  /// - Throws: `.usage` for a name that nothing has, an order out of bounds, and a network that does not read from left
  ///   to right.
  public static func all(
    of model: String, rates: [Double], vocabularySize: Int
  ) throws(GraftError) -> [Contender] {
    if let (smoothing, order) = try counts(model) {
      return [Contender(name: model, model: model, kind: .counts(smoothing, order: order))]
    }
    guard model.hasSuffix(".json") || Resources.presetNames.contains(model) else {
      throw .unknownName(
        "model", model, known: countingNames.map { $0.replacing("N", with: "5") } + Resources.presetNames,
        list: "graft list backbones")
    }
    let configuration = try Resources.preset(model, vocabularySize: vocabularySize).fitting([.decoder])
    guard try configuration.traits().layout.isOneSequence else {
      throw GraftError(
        .usage, "'\(model)' gives no probability to a text from its beginning to its end",
        hint: "take decoders: `graft list backbones`.")
    }
    let name = model.hasSuffix(".json") ? String(Paths.name(of: model).dropLast(5)) : model
    guard rates.count > 1 else {
      return [Contender(name: name, model: name, kind: .network(configuration, rate: rates.first))]
    }
    return rates.map { rate in
      Contender(
        name: "\(name)@\(NumberText.shortest(rate))", model: name, kind: .network(configuration, rate: rate))
    }
  }

  private static func counts(_ name: String) throws(GraftError) -> (NGramSmoothing, order: Int)? {
    switch name {
    case "uniform": return (.uniform, 1)
    // Of words by themselves nothing is left to mix.
    case "unigram": return (.kneserNey, 1)
    case "bigram": return (.mixture, 2)
    default:
      let prefix = "kneser-ney-"
      guard name.hasPrefix(prefix) else { return nil }
      guard let order = Int(name.dropFirst(prefix.count)), (2...NGramTrainingOptions.longestOrder).contains(order)
      else {
        throw GraftError(
          .usage, "'\(name)' is no model of counts",
          hint: "give an order of 2 to \(NGramTrainingOptions.longestOrder), such as \(prefix)5.")
      }
      return (.kneserNey, order)
    }
  }
}
