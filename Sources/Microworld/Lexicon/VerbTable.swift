/// What somebody is doing. Columns: progressive, what it is a way of (`=word`: means the same as).
let activityTable = """
  moving      -
  running     moving
  sprinting   running
  *jogging    running
  *racing     =running
  walking     moving
  strolling   walking
  *marching   walking
  resting     -
  sleeping    resting
  napping     sleeping
  *dozing     sleeping
  *slumbering =sleeping
  singing     -
  humming     singing
  *yodelling  singing
  talking     -
  speaking    =talking
  whispering  talking
  *mumbling   talking
  laughing    -
  giggling    laughing
  *chuckling  laughing
  crying      -
  *weeping    =crying
  sobbing     crying
  eating      -
  nibbling    eating
  *devouring  eating
  *dining     =eating
  working     -
  *labouring  =working
  """

/// How somebody feels about somebody, on a scale of five: third person, base, interval.
let attitudeTable = """
  likes      like      3-4
  loves      love      4-4
  *adores    adore     4-4
  *cherishes cherish   4-4
  dislikes   dislike   0-1
  hates      hate      0-0
  *detests   detest    0-0
  *loathes   loathe    0-0
  """

/// How a thing changes hands: past, base, which way (0 gift, 1 sale, 2 loan, `all` for any), whether the
/// subject hands over or takes, preposition of the other person.
let transferTable = """
  gave       give      0    over   to
  *donated   donate    0    over   to
  got        get       all  takes  from
  *obtained  obtain    all  takes  from
  sold       sell      1    over   to
  bought     buy       1    takes  from
  *purchased purchase  1    takes  from
  lent       lend      2    over   to
  *loaned    loan      2    over   to
  borrowed   borrow    2    takes  from
  passed     pass      all  over   to
  *handed    hand      all  over   to
  """

/// Verbs of plain clauses. Columns: third person, base, past, who can do it, to what (`-`: no object),
/// German third person, infinitive, participle, auxiliary.
let clauseVerbTable = """
  sees      see     saw      living         person,animal,thing  sieht      sehen      gesehen     hat
  finds     find    found    living         thing                findet     finden     gefunden    hat
  hears     hear    heard    living         person,animal,instrument  hört  hören      gehört      hat
  carries   carry   carried  person         thing                trägt      tragen     getragen    hat
  eats      eat     ate      living         food                 isst       essen      gegessen    hat
  cooks     cook    cooked   person         dish,vegetable       kocht      kochen     gekocht     hat
  *peels    peel    peeled   person         fruit,vegetable      schält     schälen    geschält    hat
  drinks    drink   drank    person         drink                trinkt     trinken    getrunken   hat
  *sips     sip     sipped   person         drink                schlürft   schlürfen  geschlürft  hat
  drives    drive   drove    person         vehicle              fährt      fahren     gefahren    hat
  repairs   repair  repaired person         vehicle,instrument,tool,toy  repariert reparieren repariert hat
  *steers   steer   steered  person         vehicle              lenkt      lenken     gelenkt     hat
  plays     play    played   person         instrument           spielt     spielen    gespielt    hat
  reads     read    read     person         book                 liest      lesen      gelesen     hat
  *studies  study   studied  person         book                 studiert   studieren  studiert    hat
  washes    wash    washed   person         garment,vehicle,container  wäscht waschen  gewaschen   hat
  *irons    iron    ironed   person         garment              bügelt     bügeln     gebügelt    hat
  opens     open    opened   person         container            öffnet     öffnen     geöffnet    hat
  fills     fill    filled   person         container            füllt      füllen     gefüllt     hat
  *drains   drain   drained  person         container            leert      leeren     geleert     hat
  chases    chase   chased   animal         animal               jagt       jagen      gejagt      hat
  feeds     feed    fed      person         animal               füttert    füttern    gefüttert   hat
  *strokes  stroke  stroked  person         animal               streichelt streicheln gestreichelt hat
  visits    visit   visited  person         person               besucht    besuchen   besucht     hat
  *greets   greet   greeted  person         person               grüßt      grüßen     gegrüßt     hat
  paints    paint   painted  person         animal,flower,vehicle  malt     malen      gemalt      hat
  smells    smell   smelled  living         flower,food          riecht     riechen    gerochen    hat
  *waters   water   watered  person         flower               gießt      gießen     gegossen    hat
  sharpens  sharpen sharpened person        tool                 schärft    schärfen   geschärft   hat
  buys      buy     bought   person         thing                kauft      kaufen     gekauft     hat
  *hides    hide    hid      person         thing                versteckt  verstecken versteckt   hat
  wears     wear    wore     person         garment,ornament     trägt      tragen     getragen    hat
  sleeps    sleep   slept    living         -                    schläft    schlafen   geschlafen  hat
  sings     sing    sang     living         -                    singt      singen     gesungen    hat
  runs      run     ran      living         -                    läuft      laufen     gelaufen    ist
  works     work    worked   person         -                    arbeitet   arbeiten   gearbeitet  hat
  waits     wait    waited   living         -                    wartet     warten     gewartet    hat
  *dreams   dream   dreamed  living         -                    träumt     träumen    geträumt    hat
  *swims    swim    swam     living         -                    schwimmt   schwimmen  geschwommen ist
  """

/// Verbs with a recipient. Columns: third person, base, past, German third person, infinitive, participle.
let handingVerbTable = """
  gives   give   gave     gibt    geben     gegeben
  shows   show   showed   zeigt   zeigen    gezeigt
  *brings bring  brought  bringt  bringen   gebracht
  sells   sell   sold     verkauft verkaufen verkauft
  *sends  send   sent     schickt schicken  geschickt
  lends   lend   lent     leiht   leihen    geliehen
  """
