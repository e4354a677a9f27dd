import Records
import Support

/// `run.json`: everything that made a run what it was, enough to repeat it.
public struct RunManifest<Configuration: Codable & Sendable>: Codable, Sendable {
  public static var fileName: String { "run.json" }
  public static var currentVersion: Int { 1 }

  public var version: Int
  /// Graft's own version.
  public var graftVersion: String
  /// Of which commit it was built, or `unknown`; nil in a run of before this was written.
  public var commit: String?
  /// As typed, the command first.
  public var arguments: [String]
  /// Every setting; options of the optimizer and the objective as far as they were given.
  public var configuration: Configuration
  public var seed: UInt64
  /// Into how many shards a batch is dealt; part of what makes results repeat.
  public var shards: Int
  /// `f32` or `bf16`.
  public var precision: String
  /// The library of the matrix products, with its version or the kernels it chose.
  public var backendSignature: String
  /// SHA-256 of what the run depends on, by what it is: `corpus books/`, `tokenizer`, `task sst2` (the
  /// definition) …
  public var dataHashes: [String: String]
  /// Seconds by phase.
  public var timings: [String: Double]
  /// How often each of several tasks was seen, once the run is done.
  public var mixture: [MixtureShare]?
  /// What was left out or gone back on because it was not finite, once the run is done; nil if nothing was.
  public var nonFinite: NonFiniteUpdates?

  public init(
    graftVersion: String, arguments: [String], configuration: Configuration, seed: UInt64, shards: Int,
    precision: String, backendSignature: String, dataHashes: [String: String] = [:],
    timings: [String: Double] = [:]
  ) {
    version = Self.currentVersion
    self.graftVersion = graftVersion
    commit = GraftVersion.commit ?? "unknown"
    self.arguments = arguments
    self.configuration = configuration
    self.seed = seed
    self.shards = shards
    self.precision = precision
    self.backendSignature = backendSignature
    self.dataHashes = dataHashes
    self.timings = timings
  }

  /// Writes `run.json` into a run directory, atomically.
  public func write(toRun directory: String) throws(GraftError) {
    try JSONFile.write(self, to: "\(directory)/\(Self.fileName)")
  }

  /// - Throws: `.missingInput` if the directory is no run's; `.badData` with the key that does not fit.
  public static func read(
    fromRun directory: String
  ) throws(GraftError) -> RunManifest<Configuration> {
    let path = "\(directory)/\(fileName)"
    let manifest: RunManifest<Configuration>
    do {
      manifest = try JSONFile.read(RunManifest<Configuration>.self, from: path)
    } catch  where error.code == .missingInput {
      throw GraftError(
        .missingInput, "'\(directory)' is not a run directory: it has no \(fileName)",
        hint: "give the output folder of an earlier pretrain or finetune.")
    }
    guard manifest.version == currentVersion else {
      throw GraftError(
        .badData, "'\(path)' has format version \(manifest.version)",
        hint: "this graft reads version \(currentVersion).")
    }
    return manifest
  }

  /// Refuses to resume with other inputs than the run began with.
  /// - Throws: `.badData` naming the first input whose hash differs.
  public func requireSameData(as other: [String: String]) throws(GraftError) {
    for name in Set(dataHashes.keys).union(other.keys).sorted() where dataHashes[name] != other[name] {
      throw GraftError(
        .badData, "\(name) is not what this run began with",
        hint: "restore it, or start a new run: resuming on other data would not be the same run.")
    }
  }
}

extension RunManifest: Equatable where Configuration: Equatable {}

/// Settings of a kind of run.
public protocol RunConfiguration {
  /// Of the run's `run.json`.
  static var runKind: FileKind { get }
}

extension RunManifest: KindedFile where Configuration: RunConfiguration {
  public static var kind: FileKind { Configuration.runKind }
}
