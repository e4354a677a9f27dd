import Autograd

/// How states become logits over the vocabulary: scale · states · Eᵀ + bias, after a transformation in some families
/// and before a bound in others.
public struct VocabularyHead: Sendable {
  /// [V, C]
  public let embedding: Parameter
  /// What logits are multiplied by, such as 1 / √width of T5 with a tied embedding.
  public let scale: Double
  /// [V]
  public let bias: Parameter?
  /// Whether the bias is trained: that of BART and Marian is part of the model and stays as it is.
  public let trainsBias: Bool
  /// What bounds the logits z: cap · tanh(z / cap); nil where nothing does.
  public let cap: Double?
  private let transformation: Transformation?

  /// BERT's `cls.predictions.transform`: a linear layer, its activation and a norm.
  struct Transformation: Sendable {
    let weight: Parameter
    let bias: Parameter?
    let activation: Activation
    let norm: Normalization
  }

  /// A head without transformation, as T5 and GPT-2 have it.
  /// - Parameter fixedBias: [V], not trained.
  /// - Precondition: no scale with a cap or a bias.
  public init(embedding: Parameter, scale: Double = 1, cap: Double? = nil, fixedBias: Parameter? = nil) {
    precondition(scale == 1 || cap == nil && fixedBias == nil, "a head with a cap or a bias has no scale")
    self.embedding = embedding
    self.scale = scale
    self.cap = cap
    bias = fixedBias
    trainsBias = false
    transformation = nil
  }

  /// A head that is the token embedding, or declares an output embedding [V, width] of its own.
  init(
    _ tokens: Parameter, isTied: Bool, width: Int, _ initializer: Initializer, cap: Double?, in scope: ParameterScope
  ) {
    self.init(
      embedding: isTied
        ? tokens
        : scope.head("output_embedding").matrix(
          "weight", rows: tokens.rows, columns: width, role: .head, initializer), cap: cap)
  }

  /// With a transformation and a bias, as BERT has it.
  /// - Parameters:
  ///   - width: of the states, which the transformation brings to the width of the embedding.
  ///   - biasesTransformation: whether the linear layer and the norm have biases, too, which those of ModernBERT have
  ///     not.
  public init(
    embedding: Parameter, width: Int, activation: Activation, epsilon: Double, biasesTransformation: Bool = true,
    initializer: Initializer, in scope: ParameterScope
  ) {
    let columns = embedding.columns
    self.embedding = embedding
    scale = 1
    cap = nil
    transformation = Transformation(
      weight: scope("transform").matrix("weight", rows: columns, columns: width, role: .head, initializer),
      bias: biasesTransformation ? scope("transform").vector("bias", count: columns, .constant(0)) : nil,
      activation: activation,
      norm: Normalization(
        .layer, width: columns, epsilon: epsilon, hasBias: biasesTransformation, in: scope("norm")))
    trainsBias = true
    bias = scope.vector("bias", count: embedding.rows, .constant(0))
  }

  /// What is multiplied with the embedding: of states [n, width] those of the embedding's width, [n, C], in the operand
  /// type.
  func states(_ states: Tensor, on tape: Tape) -> Tensor {
    guard let transformation else { return states }
    let z = tape.linear(states, transformation.weight)
    let activated = tape.activate(z, transformation.activation, bias: transformation.bias, dropout: 0)
    return transformation.norm(tape.widened(activated), on: tape)
  }

  /// Floating-point operations per target.
  public var operations: Double {
    2 * Double(embedding.count + (transformation?.weight.count ?? 0))
  }
}
