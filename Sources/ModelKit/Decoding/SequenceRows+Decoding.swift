import Autograd
import Records

extension SequenceRows {
  /// Rows of whole sequences, or of those that continue what `cache` has: their positions go on from there.
  public init(_ sequences: TokenSequences, following cache: DecodingCache?) {
    self.init(sequences, after: cache?.lengths ?? [])
  }
}
