import Checkpointing

extension ForeignKeyMap {
  /// What a part of a model comes to.
  typealias Part = (entries: [Entry], copies: [Copy])

  /// The matrix of an output layer over the vocabulary, a parameter of its own or, in some files, the input embedding
  /// once more.
  /// - Parameter ours: our name of the former.
  static func outputMatrix(
    _ foreign: String, as ours: String = "output_embedding.weight", isTied: Bool
  ) -> Part {
    isTied ? ([], [Copy(foreign: foreign, name: "embedding.weight")]) : ([entry(ours, foreign)], [])
  }

  /// The output layer of a head for masked language modelling.
  /// - Parameters:
  ///   - layer: what it is called, its bias with it.
  ///   - biases: what heads call the bias that have it once more beside the layer, the usual name first. Both are one
  ///     where the layer is tied to the input embedding. Where it is not, transformers 5 computes with that of the
  ///     layer alone, older versions with either.
  static func vocabularyLayer(_ layer: String, biases: [String] = [], isTied: Bool) -> Part {
    let (ours, own) = ("vocabulary_head.bias", "\(layer).bias")
    var part = outputMatrix("\(layer).weight", as: "vocabulary_head.output_embedding.weight", isTied: isTied)
    guard let usual = biases.first else {
      part.entries.append(entry(ours, own))
      return part
    }
    part.entries.append(entry(ours, isTied ? [usual, own] + biases.dropFirst() : [own] + biases))
    part.copies.append(
      isTied ? Copy(foreign: own, name: ours) : Copy(foreign: usual, name: ours, isSpare: true))
    return part
  }

  /// The head for masked language modelling of BERT and its relatives: a layer with its norm before the output layer.
  /// - Parameters:
  ///   - dense: the names of the former.
  ///   - biases: see `vocabularyLayer`.
  static func vocabularyHead(
    dense: [String], norm names: [String], layer: String, biases: [String] = [], isTied: Bool
  ) -> Part {
    let output = vocabularyLayer(layer, biases: biases, isTied: isTied)
    return (
      linear("vocabulary_head.transform", dense) + norm("vocabulary_head.norm", names) + output.entries, output.copies
    )
  }
}
