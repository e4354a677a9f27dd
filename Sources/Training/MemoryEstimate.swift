import Support

/// What a training run takes of memory, in bytes. All of it follows from sizes, not from what the process takes at the
/// moment: the same run is planned alike everywhere.
struct MemoryEstimate: Sendable, Hashable {
  /// Executable, libraries and their kernels.
  static let program = 100 << 20

  /// The parameters, with the bf16 copy that products read where there is one.
  var values = 0
  /// The parameters in f32, while they are read.
  var loading = 0
  /// Of what is trained, once per shard.
  var gradients = 0
  /// What the optimizer keeps.
  var optimizer = 0
  /// Texts, tokens and tokenizer.
  var data = 0
  /// What forward and backward passes keep, on all shards; or passes that look at texts, if that is more.
  var activations = 0

  /// The most at any time.
  var total: Int { Self.program + data + max(loading, values + gradients + optimizer + activations) }

  /// In words.
  var parts: String {
    [
      ("values", values), ("gradients", gradients), ("optimizer", optimizer), ("activations", activations),
      ("data", data), ("program", Self.program),
    ].map { "\($0) \(Self.text($1))" }.joined(separator: ", ")
  }

  /// As `memory:` is written, rounded up to megabytes.
  static func text(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20)m" }
}
