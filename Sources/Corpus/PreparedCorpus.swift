import Foundation
import Support
import Tokenization

/// What preparing a corpus is doing, for a progress line.
public enum CorpusProgress: Sendable {
  /// So many bytes of text of a file have been tokenised.
  case tokenizing(file: String, number: Int, of: Int, bytes: Int)
  /// The file's tokens were in the cache.
  case cached(file: String, number: Int, of: Int)
  /// The file's tokens were in the cache but damaged, and are made anew.
  case rebuilding(file: String, reason: String)
}

/// One file of a corpus.
public struct CorpusFile: Sendable, Hashable, Codable {
  /// As it was given, or found in a folder or by a pattern.
  public var path: String
  /// SHA-256 of the file as it is on disk.
  public var contentHash: String
}

/// A corpus as tokens, divided into training and held-out text. Tokens are kept in a cache directory under
/// names made from everything they depend on, so that a file is tokenised once and a change is never
/// missed.
public struct PreparedCorpus: Sendable {
  /// The text that a model is trained on.
  public let training: TokenStream
  /// The text that a model is only evaluated on; without tokens if nothing is held out.
  public let heldOut: TokenStream
  /// Stands for the files' contents, the tokenizer, the reading options and the division.
  public let contentHash: String
  /// What cleaning did, nil if there was none.
  public let cleaningReport: CleaningReport?
  /// In the order in which they were read.
  public let files: [CorpusFile]
  /// Bytes of all documents as text, after cleaning and before normalisation.
  public let textByteCount: Int

  /// - Parameters:
  ///   - files: files, directories and patterns (see `CorpusFiles.expand`).
  ///   - cacheDirectory: is made if it does not exist.
  ///   - selections: what `CorpusScreening` leaves out of each file; nil for nothing.
  /// - Throws: `.missingInput`, `.badData` naming file and place, `.inputOutput`, `.usage` for impossible
  /// options.
  public static func prepare(
    files: [String], tokenizer: Tokenizer, options: CorpusOptions, cacheDirectory: String,
    selections: [DocumentSelection]? = nil, progress: (CorpusProgress) -> Void = { _ in }
  ) throws(GraftError) -> PreparedCorpus {
    let (groups, maker) = try shardsToMake(files, tokenizer, options, cacheDirectory, selections)
    var shards: [TokenShard] = []
    var keys: [String] = []
    for (number, group) in groups.enumerated() {
      do throws(GraftError) {
        let key = try maker.key(group)
        shards.append(try maker.shard(group, key: key, number: number, progress: progress))
        keys.append(key)
      } catch {
        throw CorpusFiles.naming(error, others: groups[(number + 1)...].joined().map(\.file.path), options)
      }
    }
    guard shards.contains(where: { $0.tokenCount > 0 }) else {
      throw GraftError(
        .badData, "the corpus has no text",
        hint: selections?.contains { !$0.isEmpty } == true
          ? "everything in it repeats other text or shares words with what is to be evaluated."
          : options.cleaning == nil
            ? "its files are empty."
            : "cleaning dropped every document; its rules take a line for a paragraph.")
    }
    return PreparedCorpus(
      shards: shards, keys: keys, files: groups.joined().map(\.file), options: options)
  }

  /// Makes those tokens that the cache does not have of every `count`-th of some files, so that several processes that
  /// have one cache share the work.
  /// - Parameter part: which of the files, from 0 to `count` - 1.
  /// - Throws: as `prepare`.
  public static func fillCache(
    files: [String], tokenizer: Tokenizer, options: CorpusOptions, cacheDirectory: String, part: Int, of count: Int,
    progress: (CorpusProgress) -> Void = { _ in }
  ) throws(GraftError) {
    let (groups, maker) = try shardsToMake(files, tokenizer, options, cacheDirectory, nil)
    for number in stride(from: part, to: groups.count, by: count) {
      _ = try maker.shard(groups[number], key: maker.key(groups[number]), number: number, progress: progress)
    }
  }

  /// The files of each shard of a corpus, and what makes them.
  private static func shardsToMake(
    _ files: [String], _ tokenizer: Tokenizer, _ options: CorpusOptions, _ cacheDirectory: String,
    _ selections: [DocumentSelection]?
  ) throws(GraftError) -> (groups: [[ShardMaker.Source]], maker: ShardMaker) {
    try options.validate()
    let paths = try CorpusFiles.expand(files)
    try makeFolder(cacheDirectory)
    PartialFile.removeLeftovers(in: cacheDirectory)
    precondition(selections.map { $0.count == paths.count } ?? true, "a selection for each file")
    var sources: [ShardMaker.Source] = []
    for (index, path) in paths.enumerated() {
      let file = CorpusFile(path: path, contentHash: try ContentHash.ofFile(path))
      let selection = selections?[index]
      sources.append(ShardMaker.Source(file: file, selection: selection?.isEmpty == true ? nil : selection))
    }
    // Removing repeated lines makes a file's tokens depend on the files before it: all are then one shard.
    let sharesState = options.cleaning?.rules.contains(.lineDuplicate) ?? false
    let maker = ShardMaker(
      tokenizer: tokenizer, options: options, cacheDirectory: cacheDirectory, fileCount: paths.count)
    return (sharesState ? [sources] : sources.map { [$0] }, maker)
  }

  private init(shards: [TokenShard], keys: [String], files: [CorpusFile], options: CorpusOptions) {
    let split = HeldOutSplit.split(
      shards, identities: keys, fraction: options.heldOutFraction, seed: options.heldOutSeed)
    training = TokenStream(shards: shards, segments: split.training)
    heldOut = TokenStream(shards: shards, segments: split.heldOut)
    var hash = ContentHash()
    for key in keys { hash.update(key) }
    hash.update("held out \(options.heldOutFraction), seed \(options.heldOutSeed)")
    contentHash = hash.hexadecimal()
    cleaningReport = shards.reduce(into: nil) { (sum: inout CleaningReport?, shard) in
      guard let report = shard.report else { return }
      var total = sum ?? CleaningReport()
      total += report
      sum = total
    }
    self.files = files
    textByteCount = shards.reduce(0) { $0 + $1.textByteCount }
  }
}

/// Finds the shard of some files in the cache, or makes it.
private struct ShardMaker {
  let tokenizer: Tokenizer
  let options: CorpusOptions
  let cacheDirectory: String
  let fileCount: Int
  private let byteCounts: [Int32]

  /// A file, and what is left out of it; nil for nothing, so that its shard is that of any reading of it.
  struct Source {
    var file: CorpusFile
    var selection: DocumentSelection?
  }

  init(tokenizer: Tokenizer, options: CorpusOptions, cacheDirectory: String, fileCount: Int) {
    self.tokenizer = tokenizer
    self.options = options
    self.cacheDirectory = cacheDirectory
    self.fileCount = fileCount
    byteCounts = tokenizer.byteCounts
  }

  /// What a file turns out to hold may hang on its name, hence it is part of the key.
  func key(_ sources: [Source]) throws(GraftError) -> String {
    var hash = ContentHash()
    hash.update("token shard \(TokenShard.version)\n\(tokenizer.contentHash)\n\(options.signature)\n")
    hash.update("unicode \(UnicodeLibrary.unicodeVersion)\n")
    for source in sources {
      let form = try DocumentReader(path: source.file.path, options: options).form
      hash.update("\(form.name) \(source.file.contentHash)\n")
      if let selection = source.selection { hash.update("\(selection.signature)\n") }
    }
    return hash.hexadecimal()
  }

  func shard(
    _ sources: [Source], key: String, number: Int, progress: (CorpusProgress) -> Void
  ) throws(GraftError) -> TokenShard {
    let path = Paths.join(cacheDirectory, "\(key).tokens")
    if access(path, F_OK) == 0 {
      do throws(GraftError) {
        let shard = try TokenShard(path: path, byteCounts: byteCounts)
        for (offset, source) in sources.enumerated() {
          progress(.cached(file: source.file.path, number: number + offset + 1, of: fileCount))
        }
        return shard
      } catch {
        guard error.code == .badData else { throw error }
        progress(.rebuilding(file: sources.first?.file.path ?? "", reason: error.message))
      }
    }
    try AtomicFile.write(to: path) { (writer) throws(GraftError) in
      try write(sources, number: number, to: &writer, progress: progress)
    }
    return try TokenShard(path: path, byteCounts: byteCounts)
  }

  private func write(
    _ sources: [Source], number: Int, to writer: inout FileWriter, progress: (CorpusProgress) -> Void
  ) throws(GraftError) {
    var shard = TokenShardWriter(tokenizer: tokenizer, byteCounts: byteCounts)
    var documents = CorpusDocuments(options)
    for (offset, source) in sources.enumerated() {
      let reader = try documents.reader(source.file.path, isWhole: source.selection != nil)
      try documents.forEachPiece(of: reader, source.selection) { (piece) throws(GraftError) in
        try shard.append(piece.bytes, endsDocument: piece.endsDocument, to: &writer)
        progress(
          .tokenizing(
            file: source.file.path, number: number + offset + 1, of: fileCount, bytes: piece.bytesRead))
      }
    }
    try shard.finish(report: documents.cleaningReport, to: &writer)
  }
}
