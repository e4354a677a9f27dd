/// The names that a pickle of tensors may have. Nothing is called by them: what torch would make of the arguments is
/// written down.
enum TorchName: Hashable {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  /// Of elements of a type.
  case storage(TensorType)

  private static let known: [String: TorchName] = [
    "collections.OrderedDict": .orderedDictionary, "torch._utils._rebuild_tensor_v2": .rebuildTensor,
    "torch._utils._rebuild_parameter": .rebuildParameter, "torch.BFloat16Storage": .storage(.bfloat16),
    "torch.BoolStorage": .storage(.bool), "torch.ByteStorage": .storage(.uint8), "torch.CharStorage": .storage(.int8),
    "torch.DoubleStorage": .storage(.float64), "torch.FloatStorage": .storage(.float32),
    "torch.HalfStorage": .storage(.float16), "torch.IntStorage": .storage(.int32),
    "torch.LongStorage": .storage(.int64), "torch.ShortStorage": .storage(.int16),
  ]

  /// - Throws: `TorchDamage` with any other name.
  init(_ module: String, _ name: String) throws(TorchDamage) {
    let spelling = "\(module).\(name)"
    guard let known = Self.known[spelling] else {
      throw TorchDamage(
        "its pickle names '\(spelling)'; Graft reads tensors and containers from a pickle and runs nothing that it names",
        hint:
          "a file of weights needs no such name; if you trust it, load it in Python and save the model's state_dict "
          + "alone, with save_pretrained or safetensors.")
    }
    self = known
  }

  /// As the pickle has it.
  var spelling: String { Self.known.first { $0.value == self }?.key ?? "" }
}

/// Elements that tensors show a part of, somewhere in the file.
struct TorchStorage: Hashable {
  let key: String
  let type: TensorType
  /// Elements.
  let count: Int
}

/// A tensor: element (i, j …) is element `offset` + i · strides[0] + j · strides[1] … of its storage.
struct TorchTensor: Hashable {
  let storage: Int
  let offset: Int
  let shape: [Int]
  let strides: [Int]

  /// - Throws: `TorchDamage` if it reaches beyond its storage.
  init(storage: Int, of count: Int, offset: Int, shape: [Int], strides: [Int]) throws(TorchDamage) {
    guard offset >= 0, shape.count == strides.count, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 })
    else { throw TorchDamage("a tensor of shape \(shape) has the offset \(offset) and the strides \(strides)") }
    var elements = 1
    var last = offset
    var overflows = false
    for (extent, stride) in zip(shape, strides) {
      let (product, isTooLarge) = elements.multipliedReportingOverflow(by: extent)
      let (step, isTooFar) = max(0, extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, isBeyond) = last.addingReportingOverflow(step)
      (elements, last, overflows) = (product, sum, overflows || isTooLarge || isTooFar || isBeyond)
    }
    // One that repeats elements might be of any size.
    guard !overflows, elements == 0 || last < count && elements <= count else {
      throw TorchDamage(
        "a tensor of shape \(shape), strides \(strides) and offset \(offset) does not fit its \(count) elements")
    }
    (self.storage, self.offset, self.shape, self.strides) = (storage, offset, shape, strides)
  }

  var count: Int { shape.reduce(1, *) }

  /// Whether its elements lie one after another.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      expected *= extent
    }
    return true
  }

  /// One more than the last element that it shows, counted from `offset`.
  var reach: Int { count == 0 ? 0 : 1 + zip(shape, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 } }
}

extension Pickle {
  /// What the functions of torch that are known make of their arguments.
  mutating func call(_ function: PickleValue, _ arguments: [PickleValue]) throws(TorchDamage) -> PickleValue {
    switch function {
    case .name(.orderedDictionary): return try orderedDictionary(arguments)
    case .name(.rebuildTensor): return try tensor(arguments)
    case .name(.rebuildParameter):
      guard case .tensor? = arguments.first, arguments.count <= 3 else {
        throw TorchDamage("its pickle makes a parameter of what is no tensor")
      }
      return arguments[0]
    default: throw TorchDamage("its pickle calls \(function.kind)")
    }
  }

  /// Empty, or of one list of pairs, as Python 2 wrote it.
  private mutating func orderedDictionary(_ arguments: [PickleValue]) throws(TorchDamage) -> PickleValue {
    let result = makeDictionary()
    guard case .dictionary(let index) = result, let list = arguments.first else { return result }
    guard arguments.count == 1 else { throw TorchDamage("its pickle makes a dictionary of several values") }
    for pair in try sequence(list) {
      let pair = try sequence(pair)
      guard pair.count == 2 else { throw TorchDamage("its pickle makes a dictionary of what are no pairs") }
      dictionaries[index].append((pair[0], pair[1]))
    }
    return result
  }

  /// Storage, offset, shape, strides; then whether it is trained, hooks, and what else there may be of it, which is
  /// empty for a tensor that is as it is stored.
  private mutating func tensor(_ arguments: [PickleValue]) throws(TorchDamage) -> PickleValue {
    guard 6...7 ~= arguments.count, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1]
    else { throw TorchDamage("its pickle makes a tensor of what is no storage and offset") }
    if arguments.count == 7 {
      switch arguments[6] {
      case .none: break
      case .dictionary(let index) where dictionaries[index].isEmpty: break
      default: throw TorchDamage("its pickle has a tensor that is not what is stored: conjugate or negated")
      }
    }
    let tensor = try TorchTensor(
      storage: storage, of: storages[storage].count, offset: offset, shape: try integers(arguments[2]),
      strides: try integers(arguments[3]))
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }

  private func integers(_ value: PickleValue) throws(TorchDamage) -> [Int] {
    var result: [Int] = []
    for element in try sequence(value) {
      guard case .integer(let integer) = element else {
        throw TorchDamage("its pickle has \(element.kind) among the sizes of a tensor")
      }
      result.append(integer)
    }
    return result
  }

  /// What a persistent name says: "storage", its type, its key, the device and how many elements it has; in files
  /// before version 1.6 of torch also the part that it is of another, which is none.
  mutating func storage(_ name: [PickleValue]) throws(TorchDamage) -> PickleValue {
    guard 5...6 ~= name.count, name[0] == .text("storage"), case .name(.storage(let type)) = name[1],
      case .text(let key) = name[2], case .text = name[3], case .integer(let count) = name[4], count >= 0
    else { throw TorchDamage("its pickle names a storage in another way than torch.save does") }
    guard name.count == 5 || name[5] == .none else {
      throw TorchDamage(
        "its pickle has a storage that is a part of another, as versions of torch before 0.4 wrote them")
    }
    storages.append(TorchStorage(key: key, type: type, count: count))
    return .storage(storages.count - 1)
  }

  /// The tensors of a model's state, by name.
  func namedTensors(_ root: PickleValue) throws(TorchDamage) -> [(name: String, tensor: TorchTensor)] {
    guard case .dictionary(let index) = root else {
      throw TorchDamage("it holds \(root.kind), not tensors by their names")
    }
    var result: [(name: String, tensor: TorchTensor)] = []
    for (key, value) in dictionaries[index] {
      guard case .text(let name) = key else { throw TorchDamage("it has \(key.kind) where a tensor's name is needed") }
      guard case .tensor(let tensor) = value else {
        throw TorchDamage(
          "'\(name)' is \(value.kind), not a tensor",
          hint: "a training program's own file is not a model's: save the model's state_dict alone.")
      }
      result.append((name, tensors[tensor]))
    }
    return result
  }
}
