import Commands

GraftCommand.runAndExit()
