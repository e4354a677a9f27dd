/// What a JSON file of Graft's is: the value of its key `kind`, which older files lack.
public enum FileKind: String, Sendable, Hashable, Codable, CaseIterable {
  /// Scores of `finetune`, `quickstart` and `evaluate`.
  case results
  /// What a pretraining run came to.
  case pretrainingResults = "pretraining-results"
  /// The tables of studies: `ablate`, `prefixes`, `transfer` and `arena`.
  case ablation, prefixes, transfer, arena
  /// What a folder of a study belongs to.
  case study
  /// What one model of a study came to, and one stage of a grid's cell.
  case trial, stage
  /// `run.json` of `pretrain` and of `finetune`.
  case pretrainingRun = "pretraining-run"
  /// The same of a fine-tuning run.
  case fineTuningRun = "fine-tuning-run"
  /// Of `ledger`.
  case ledger
  /// What was looked for in a corpus: `screening.json` of `pretrain`, `data screen`.
  case screening
  /// Of `probe`.
  case probes
  /// Subsets of a split.
  case subsets
  /// Of `stress evaluate`.
  case stress
  /// The report of `stress make`.
  case stressSets = "stress-sets"
  /// Of `compare` and of `metric`.
  case comparison, metric
  /// Of `score`: a target, and whole files.
  case score
  /// The same of whole files.
  case fileScores = "file-scores"
  /// Of `ngram score`.
  case ngramScores = "ngram-scores"
  /// Of `states layers`, `states unit`, `states depth` and `states copy`.
  case stateProbes = "state-probes"
  case unitProbe = "unit-probe"
  case depthProbe = "depth-probe"
  case copyProbe = "copy-probe"
  /// Of `benchmark train`.
  case trainingBenchmark = "training-benchmark"
  /// Of `benchmark decode`.
  case decodingBenchmark = "decoding-benchmark"
  /// Of `scaling-law`.
  case scalingLaw = "scaling-law"
  /// Of `benchmark tokenizer`.
  case tokenizerBenchmark = "tokenizer-benchmark"
  /// Of `vectors analogies` and of `vectors similarity`.
  case wordAnalogies = "word-analogies"
  /// The same of pairs of words that people have judged.
  case wordSimilarities = "word-similarities"
}

/// A value that is a file by itself. `JSONFile` writes its kind beside its own keys.
public protocol KindedFile: Encodable {
  /// The value of its key `kind`.
  static var kind: FileKind { get }
}

/// What the top of a JSON file tells of it: of an object, of a list the first one.
public struct FileHead: Decodable, Sendable {
  /// Of the object; empty for an empty list.
  public private(set) var keys: Set<String> = []
  /// As the file has it; nil in older files and those of others.
  public private(set) var kindName: String?

  /// Nil where there is none, or none that this graft knows.
  public var kind: FileKind? { kindName.flatMap(FileKind.init(rawValue:)) }

  private struct Kind: Decodable { var kind: String? }

  /// - Throws: for what is neither an object nor a list of objects.
  public init(from decoder: any Decoder) throws {
    guard var list = try? decoder.unkeyedContainer() else {
      keys = try Set(KeyNames(from: decoder).names)
      kindName = (try? Kind(from: decoder))?.kind
      return
    }
    if !list.isAtEnd { keys = try Set(list.decode(KeyNames.self).names) }
  }
}
