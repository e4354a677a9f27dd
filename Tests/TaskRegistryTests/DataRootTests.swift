import Foundation
import TaskRegistry
import TestSupport
import Testing

/// A corpus is what its name says, else what the data folder has of that name.
@Suite struct DataRootTests {
  @Test func aCorpusIsLookedForInTheDataFolder() throws {
    let folder = try TestFolder()
    try folder.write("data/novels/a.txt", "a\n")
    try folder.write("data/both.txt", "there\n")
    try folder.write("here/both.txt", "here\n")
    let data = "\(folder.path)/data"
    let root = DataRoot(data)
    let here = "\(folder.path)/here"
    #expect(root.place(ofCorpus: "novels", besides: here) == "\(data)/novels")
    #expect(root.place(ofCorpus: "novels/*.txt", besides: here) == "\(data)/novels/*.txt")
    // What is there as it is named is not replaced.
    #expect(root.place(ofCorpus: "both.txt", besides: here) == nil)
    #expect(root.place(ofCorpus: "both.txt") == "\(data)/both.txt")
    for name in ["none.txt", "novels/*.gz", "-", "", "\(data)/novels", "/novels"] {
      #expect(root.place(ofCorpus: name, besides: here) == nil, "\(name)")
    }
    #expect(DataRoot(environment: [:]).place(ofCorpus: "novels", besides: here) == nil)
  }
}
