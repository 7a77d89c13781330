"""What the audit log calls deeds and subjects, and which subjects hold no business text. Pure.

A deed without a word here is shown by its stable English name.
"""

from crm.core.labels import N_

VERBS = {
    "account.sign_in": N_("登录"),
    "account.sign_out": N_("退出登录"),
    "account.sign_out_everywhere": N_("退出所有登录"),
    "account.session_ended": N_("退出一处登录"),
    "account.locked": N_("连续输错密码，已锁定"),
    "account.password": N_("更改自己的密码"),
    "account.locale": N_("更改界面语言"),
    "account.token": N_("新建 API 令牌"),
    "account.token_revoked": N_("撤销 API 令牌"),
    "user.create": N_("新建账户"),
    "user.update": N_("修改账户"),
    "user.disable": N_("停用账户"),
    "user.enable": N_("启用账户"),
    "user.password": N_("重置密码"),
    "team.create": N_("新建科室"),
    "team.rename": N_("科室改名"),
    "team.close": N_("停用科室"),
    "team.open": N_("启用科室"),
    "rule.update": N_("修改规则"),
    "list.add": N_("列表加项"),
    "list.rename": N_("列表项改名"),
    "list.move": N_("列表项调序"),
    "list.hide": N_("列表项停用"),
    "list.show": N_("列表项启用"),
    "workday.set": N_("设置工作日"),
    "workday.remove": N_("取消工作日设置"),
    "synonym.add": N_("增加同义词"),
    "synonym.change": N_("修改同义词"),
    "synonym.remove": N_("删除同义词"),
    "index.rebuild": N_("重建搜索索引"),
    "index.verify": N_("核对搜索索引"),
    "index.repair": N_("修补搜索索引"),
    "company.create": N_("新建企业"),
    "company.update": N_("修改企业"),
    "company.merge": N_("合并企业"),
    "contact.create": N_("新建联系人"),
    "contact.update": N_("修改联系人"),
    "contact.reveal": N_("查看联系人电话"),
    "contact.archive": N_("停用联系人"),
    "contact.restore": N_("恢复联系人"),
    "lead.create": N_("登记线索"),
    "lead.create_historical": N_("补录历史线索"),
    "lead.update": N_("修改线索"),
    "lead.advance": N_("推进阶段"),
    "lead.override": N_("越过阶段条件"),
    "lead.back": N_("退回阶段"),
    "lead.stage_history": N_("补录阶段"),
    "lead.status": N_("更改状态"),
    "lead.appraise": N_("登记评审通过"),
    "lead.assign": N_("分派线索"),
    "lead.hand_over": N_("交接线索"),
    "lead.claim": N_("领取线索"),
    "lead.release": N_("退回公海"),
    "lead.name": N_("列名"),
    "lead.unname": N_("取消列名"),
    "interaction.record": N_("记录走访接洽"),
    "interaction.revise": N_("修改走访接洽"),
    "interaction.step_done": N_("完成下一步"),
    "interaction.step_moved": N_("改期下一步"),
    "interaction.step_reopened": N_("重开下一步"),
    "attachment.add": N_("上传附件"),
    "attachment.remove": N_("删除附件"),
    "data.import": N_("导入"),
    "data.import_historical": N_("导入历史数据"),
    "data.export": N_("导出"),
    "backup.save": N_("备份"),
    "backup.restore": N_("恢复备份"),
}

SUBJECTS = {
    "user": N_("账户"),
    "team": N_("科室"),
    "setting": N_("规则"),
    "list_item": N_("列表"),
    "workday": N_("工作日历"),
    "synonym": N_("同义词"),
    "index": N_("搜索索引"),
    "company": N_("企业"),
    "contact": N_("联系人"),
    "lead": N_("线索"),
    "interaction": N_("走访接洽"),
    "attachment": N_("附件"),
    "backup": N_("备份"),
    # Whole files, by the kinds of exports and imports.
    "users": N_("用户表"),
    "companies": N_("企业表"),
    "contacts": N_("联系人表"),
    "leads": N_("线索表"),
    "stage_log": N_("阶段记录表"),
    "interactions": N_("走访接洽表"),
    "chains": N_("产业链文件"),
}

# Only of these does the auditor read what was changed; of the others, that it was.
WITHOUT_BUSINESS_TEXT = frozenset(
    {"user", "team", "setting", "list_item", "workday", "backup", "synonym", "index"}
)
# Of these the summary says how much was moved, and the filter what of.
MOVES_OF_DATA = frozenset({"data.import", "data.import_historical", "data.export"})

# The fields of changes that the auditor reads; rule names and labels stand there as they are.
FIELDS = {
    "name": N_("名称"),
    "label": N_("名称"),
    "terms": N_("词"),
    "role": N_("角色"),
    "team": N_("科室"),
    "can_export": N_("可以导出"),
    "locale": N_("语言"),
}
