/// Words of praise (`+`) and blame (`-`). A star marks words that no training split of a task contains.
let sentimentAdjectiveTable = """
  good           +
  great          +
  wonderful      +
  excellent      +
  lovely         +
  charming       +
  delightful     +
  beautiful      +
  pleasant       +
  perfect        +
  enjoyable      +
  amazing        +
  funny          +
  fresh          +
  *superb        +
  *marvellous    +
  *splendid      +
  *fantastic     +
  *impressive    +
  *memorable     +
  *elegant       +
  *stunning      +
  *magnificent   +
  *outstanding   +
  *terrific      +
  *graceful      +
  bad            -
  awful          -
  terrible       -
  boring         -
  ugly           -
  horrible       -
  disappointing  -
  unpleasant     -
  annoying       -
  tedious        -
  dull           -
  clumsy         -
  stale          -
  messy          -
  *dreadful      -
  *disgusting    -
  *lousy         -
  *mediocre      -
  *shallow       -
  *tiresome      -
  *pathetic      -
  *dismal        -
  *sloppy        -
  *appalling     -
  *forgettable   -
  *atrocious     -
  """

/// Past tense, base, polarity.
let sentimentVerbTable = """
  loved        love       +
  enjoyed      enjoy      +
  liked        like       +
  *admired     admire     +
  *praised     praise     +
  *adored      adore      +
  hated        hate       -
  disliked     dislike    -
  regretted    regret     -
  *detested    detest     -
  *loathed     loathe     -
  *despised    despise    -
  """

let sentimentNounTable = """
  triumph        +
  pleasure       +
  *masterpiece   +
  *treat         +
  failure        -
  mess           -
  *disaster      -
  *nightmare     -
  """

/// What reviews are about: the whole and its parts.
let reviewSubjectTable = """
  film        plot acting music ending picture dialogue
  restaurant  soup waiter service bread dessert menu
  hotel       room breakfast staff bed garden view
  book        story style hero language cover chapter
  concert     singer orchestra sound hall programme band
  """

let personNames = [
  "Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Henry", "Ida", "Jonas", "Karla", "Leo",
  "Mara", "Noah", "Olga", "Paul", "Rosa", "Simon", "Tessa", "Victor",
]
let animalNames = ["Rex", "Bella", "Coco", "Rocky", "Luna", "Max", "Ruby", "Toby"]
