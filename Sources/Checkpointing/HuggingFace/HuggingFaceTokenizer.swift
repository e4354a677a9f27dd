import Foundation

/// The files of a tokenizer in a folder of transformers, and the class that reads them.
public struct HuggingFaceTokenizer: Sendable {
  public var className: String
  /// By name.
  public var files: [String: Data]

  /// A tokenizer that its `tokenizer.json` says all of.
  public init(json: Data) {
    self.init(className: "PreTrainedTokenizerFast", files: [HuggingFaceFolder.tokenizerName: json])
  }

  /// One with files of its own.
  public init(className: String, files: [String: Data]) { (self.className, self.files) = (className, files) }
}
