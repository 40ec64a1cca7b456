/** What help says after the commands. */
export const examples = `
Examples:
  consfig init servers && cd servers     start a consfig
  consfig check                          check it without contacting any host
  consfig deploy                         make all hosts as it says
  consfig deploy web1 'db*' -v           these only, and tell what is unchanged too
  consfig deploy @web '!web3'            those tagged web, but not that one
  consfig deploy web1 --only apt         only the properties of apt
  consfig deploy --rolling 10% --max-failures 2
                                         a tenth at a time, and no more when three have failed
  consfig deploy --only failed@last      those that went wrong the last time
  consfig resume                         go on with a run that was interrupted
  consfig apply web1 'apt.installed("htop")'
  consfig report --html report.html      what the last run came to
  consfig eval app.report '"web1"' 7     evaluate a form of the consfig in a process of its own
  consfig dump web1 --to /usr/local/bin/report --form 'app.report "web1", 7'
                                         make an executable there that does so

HOST is a name, a pattern ('web[1-3]*', '{web,db}1'), @tag, @./file with such words, - for words on
standard input; with ! before it: not these.

Exit codes: 0 ok; 1 mistake in the command line or consfig; 3 some hosts failed;
4 some hosts unreachable; 5 some hosts locked by others; 130, 143 interrupted.
Of eval: the form's own; 124 it took too long;
128 and more: ended by that signal.`;
