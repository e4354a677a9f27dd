import CKernels
import Support

/// Looks for values that are NaN or infinite.
public enum NotFinite {
  /// How many of `values` are NaN or infinite; reads them once, as fast as memory gives them.
  public static func count(_ values: UnsafeBufferPointer<Float>) -> Int {
    guard let first = values.baseAddress else { return 0 }
    return graft_count_not_finite(values.count, first)
  }

  /// The same of an array.
  public static func count(_ values: [Float]) -> Int { values.withUnsafeBufferPointer(count) }

  /// Refuses a tensor with such values.
  /// - Parameters:
  ///   - name: of the tensor.
  ///   - place: the file that it is in, or what it belongs to: `of 'model.safetensors'`.
  /// - Throws: `.internalError` with the tensor's name and how many of its values are not finite.
  public static func refuse(
    _ values: UnsafeBufferPointer<Float>, of name: String, in place: String, hint: String
  ) throws(GraftError) {
    let count = count(values)
    guard count > 0 else { return }
    throw GraftError(
      .internalError,
      "tensor '\(name)' \(place) has \(count) of \(values.count) values that are NaN or infinite", hint: hint)
  }

  /// As `refuse(_:of:in:hint:)`, of a file that was opened.
  public static func refuse(
    _ values: UnsafeBufferPointer<Float>, of name: String, file: String
  ) throws(GraftError) {
    try refuse(
      values, of: name, in: "of '\(file)'",
      hint: "the run that wrote it diverged, or the file is damaged: take an earlier checkpoint;"
        + " `graft inspect checkpoint` lists all such tensors.")
  }
}

extension ParameterStore {
  /// Whether every value is finite.
  public var isFinite: Bool { NotFinite.count(UnsafeBufferPointer(values)) == 0 }

  /// - Throws: `.internalError` that names the first parameter with a value that is not finite.
  public func requireFinite() throws(GraftError) {
    guard !isFinite else { return }
    for entry in entries {
      try NotFinite.refuse(
        UnsafeBufferPointer(values(of: entry)), of: entry.name, in: "of the model",
        hint: "lower the learning rate or lengthen the warm-up; checkpoints up to here are intact.")
    }
  }
}
