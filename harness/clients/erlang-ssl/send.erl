%% Sends the message of standard input: send:main([default|verify-peer|https, HOST, PORT, HELO, SENDER, RECIPIENT, CA_FILE])
-module(send).
-export([main/1]).

%% The exit code; a reason for failure goes to standard error.
main(Words) ->
    try send(Words), 0
    catch _:Reason ->
        io:format(standard_error, "~p~n", [Reason]),
        1
    end.

send([Mode, Host, Port, Helo, Sender, Recipient, CaFile]) ->
    {ok, _} = application:ensure_all_started(ssl),
    {ok, Address} = address(Host),
    {ok, Socket} = gen_tcp:connect(Address, list_to_integer(Port), [binary, {active, false}, family(Address)], 15000),
    Plain = {gen_tcp, Socket},
    say(Plain, none, $2),
    say(Plain, ["EHLO ", Helo], $2),
    say(Plain, "STARTTLS", $2),
    case ssl:connect(Socket, options(Mode, Host, CaFile), 15000) of
        {ok, Tls} -> deliver({ssl, Tls}, Helo, Sender, Recipient);
        {error, Reason} -> throw(Reason)
    end.

deliver(Session, Helo, Sender, Recipient) ->
    Message = string:replace(read_all([]), "\n", "\r\n", all),
    say(Session, ["EHLO ", Helo], $2),
    say(Session, ["MAIL FROM:<", Sender, ">"], $2),
    say(Session, ["RCPT TO:<", Recipient, ">"], $2),
    say(Session, "DATA", $3),
    say(Session, [Message, "."], $2),
    say(Session, "QUIT", $2).

options("default", _, _) -> [];
options("verify-peer", Host, CaFile) ->
    [{verify, verify_peer}, {cacertfile, CaFile}, {depth, 10}, {server_name_indication, Host}];
options("https", Host, CaFile) ->
    [{customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}
     | options("verify-peer", Host, CaFile)].

address(Host) ->
    case inet:parse_address(Host) of
        {ok, Address} -> {ok, Address};
        _ -> case inet:getaddr(Host, inet) of
                 {ok, Address} -> {ok, Address};
                 _ -> inet:getaddr(Host, inet6)
             end
    end.

family(Address) when tuple_size(Address) =:= 4 -> inet;
family(_) -> inet6.

say({Module, Socket} = Session, Command, Want) ->
    Command =:= none orelse (ok = Module:send(Socket, [Command, "\r\n"])),
    read_reply(Session, <<>>, Want).

read_reply({Module, Socket} = Session, Before, Want) ->
    case Module:recv(Socket, 0, 15000) of
        {ok, Octets} ->
            Reply = <<Before/binary, Octets/binary>>,
            case re:run(Reply, "^\\d\\d\\d .*\\n", [multiline]) of
                nomatch -> read_reply(Session, Reply, Want);
                _ when binary_part(Reply, 0, 1) =:= <<Want>> -> ok;
                _ -> throw(Reply)
            end;
        {error, Reason} -> throw(Reason)
    end.

read_all(Lines) ->
    case io:get_line("") of
        eof -> lists:append(lists:reverse(Lines));
        Line -> read_all([Line | Lines])
    end.
