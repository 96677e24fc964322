%% Worker (docs/workers.md): runs send:main/1 in this machine for one job after another: erl -noshell -s worker main
%% What a fresh machine would not have is taken away after each job: sockets, and with the ssl application its sessions.
-module(worker).
-export([main/0]).

main() ->
    Token = os:getenv("MXIDENT_WORKER"),
    os:unsetenv("MXIDENT_WORKER"),
    {ok, _} = application:ensure_all_started(ssl),
    forget(),
    tell(Token, "ready", 0, 0),
    loop(Token).

loop(Token) ->
    case io:get_line("") of
        eof -> halt(0);
        Line ->
            [Directory | Words] = string:split(string:trim(Line, trailing, "\n"), "\t", all),
            {Before, _} = statistics(runtime),
            Code = run(Directory, Words),
            logger_std_h:filesync(default),
            flush(),
            {After, _} = statistics(runtime),
            tell(Token, "exit", Code, (After - Before) * 1000),
            forget(),
            loop(Token)
    end.

run(Directory, Words) ->
    {ok, Input} = file:open(Directory ++ ".in", [read]),
    {Job, Monitor} = spawn_monitor(fun() ->
                                       group_leader(Input, self()),
                                       Exit = send:main(Words),
                                       close_sockets(),
                                       exit({done, Exit})
                                   end),
    Code = receive {'DOWN', Monitor, process, Job, Reason} -> case Reason of {done, N} -> N; _ -> 1 end end,
    file:close(Input),
    Code.

%% Standard output and error are ports, to which is written without waiting; asked something, each first does what it was told.
flush() ->
    lists:all(fun(Port) -> erlang:port_info(Port, queue_size) =< {queue_size, 0} end, erlang:ports())
        orelse begin timer:sleep(1), flush() end.

%% As the end of a process does: before ssl sees that the job has ended, and says goodbye to the server.
close_sockets() -> [catch port_close(Port) || Port <- erlang:ports(), erlang:port_info(Port, name) =:= {name, "tcp_inet"}].

forget() ->
    #{level := Level} = logger:get_primary_config(),
    logger:set_primary_config(level, none),
    application:stop(ssl),
    logger:set_primary_config(level, Level).

tell(Token, How, Number, Cpu) -> io:format("~n~s ~s ~b ~b~n", [Token, How, Number, Cpu]).
