import Autograd
import ModelKit
import TestSupport
import Testing

@Suite struct FeedForwardTests {
  /// Its input bias would be trained and never read.
  @Test(.tags(.process)) func aGatedLayerWithBiasesIsAMistake() async {
    await #expect(processExitsWith: .failure) {
      _ = FeedForwardLayer(
        .init(
          width: 4, inner: 8, activation: .silu, gated: true, hasBias: true, dropout: 0,
          inputInitializer: .constant(0), outputInitializer: .constant(0)),
        in: ParameterScope(ParameterDeclarations()))
    }
  }
}
