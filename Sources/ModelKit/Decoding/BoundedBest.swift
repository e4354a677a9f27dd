/// The best few of many elements, in a sorted array: few is a handful.
struct BoundedBest<Element> {
  private let count: Int
  private let isBetter: (Element, Element) -> Bool
  /// Best first.
  private(set) var sorted: [Element] = []

  init(count: Int, isBetter: @escaping (Element, Element) -> Bool) {
    self.count = count
    self.isBetter = isBetter
  }

  /// What a further element must beat; nil while there is room.
  var worst: Element? { sorted.count < count ? nil : sorted.last }

  mutating func insert(_ element: Element) {
    if let worst, !isBetter(element, worst) { return }
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if isBetter(element, sorted[middle]) { high = middle } else { low = middle + 1 }
    }
    sorted.insert(element, at: low)
    if sorted.count > count { sorted.removeLast() }
  }
}
