import Autograd
import Inference
import ModelKit
import Records
import Support
import Tokenization
import WordVectors

/// Where the first values of the token embedding come from; written as a name or as the path of a file.
public enum EmbeddingInitialization: Sendable, Hashable {
  /// Drawn, as the model family says.
  case drawn
  /// From how often tokens stand near each other in the corpus.
  case cooccurrence
  /// From a file of word vectors, in which tokens are looked up.
  case file(String)
}

extension EmbeddingInitialization: RawRepresentable, Codable {
  public init?(rawValue: String) {
    switch rawValue {
    case "": return nil
    case "drawn": self = .drawn
    case "cooccurrence": self = .cooccurrence
    default: self = .file(rawValue)
    }
  }

  public var rawValue: String {
    switch self {
    case .drawn: "drawn"
    case .cooccurrence: "cooccurrence"
    case .file(let path): path
    }
  }

  public init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    self = Self(rawValue: name) ?? .drawn
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  /// What is read; nil where it is no file.
  public var file: String? {
    guard case .file(let path) = self else { return nil }
    return path
  }

  /// - Throws: `.missingInput` for a file that is not there.
  public func requireFile() throws(GraftError) {
    guard let file, Paths.identity(file) == nil else { return }
    throw GraftError(
      .missingInput, "`embeddings:` '\(file)' is neither drawn nor cooccurrence, nor a file that is there",
      hint: "name a file of word vectors, such as graft vectors train writes.")
  }
}

/// Token vectors out of a file of word vectors.
struct WordVectorEmbedding {
  let vectors: WordVectors
  let path: String

  /// - Throws: as reading throws.
  init(opening path: String) throws(GraftError) {
    self.path = path
    try EmbeddingInitialization.file(path).requireFile()
    vectors = try WordVectors(opening: path)
  }

  /// The row of a token: of its piece as the tokenizer has it, else of the piece without the mark of a space before it.
  static func row(of token: TokenID, _ tokenizer: Tokenizer, in vectors: WordVectors) -> Int? {
    guard !tokenizer.isSpecial(token) else { return nil }
    let piece = tokenizer.token(token)
    if let row = vectors.index(piece) { return row }
    guard let first = piece.first, first == "\u{0120}" || first == "\u{2581}" else { return nil }
    return vectors.index(String(piece.dropFirst()))
  }

  /// Sets the rows of `embedding` whose tokens have a vector; the others keep their values.
  /// - Returns: how many were set.
  /// - Throws: `.badData` for vectors of another width, or where no token has one.
  func initialize(
    _ embedding: Parameter, of model: ShardedModel, _ tokenizer: Tokenizer
  ) throws(GraftError) -> Int {
    guard vectors.size == embedding.columns else {
      throw GraftError(
        .badData,
        "the vectors have \(vectors.size) numbers, the model's token embedding has \(embedding.columns)",
        hint: "train vectors with `size:` \(embedding.columns), or choose a model of that width.",
        location: SourceLocation(file: path))
    }
    let rows = (0..<embedding.rows).map { Self.row(of: TokenID($0), tokenizer, in: vectors) }
    let tokens = rows.indices.filter { rows[$0] != nil }
    guard !tokens.isEmpty else {
      throw GraftError(
        .badData, "no token of the tokenizer has a vector",
        hint: "train vectors with `tokenizer:` and the tokenizer of the run, or of words in the form its tokens have.",
        location: SourceLocation(file: path))
    }
    TokenRows.set(tokens, of: embedding, of: model) { token, d in
      Double(vectors.values[(rows[token] ?? 0) * vectors.size + d])
    }
    return tokens.count
  }
}
